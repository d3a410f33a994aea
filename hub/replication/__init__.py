"""The hub's side of the stores: which store sees what, and the feed cut once into segments for all of them."""

from __future__ import annotations

from hub.replication.replicate import replicate
from hub.replication.report import StoreReport, Summary
from hub.replication.scopes import scopes_of, subscription
from hub.replication.stores import Store, load_stores, stores_of

__all__ = ["Store", "StoreReport", "Summary", "load_stores", "replicate", "scopes_of", "stores_of", "subscription"]
