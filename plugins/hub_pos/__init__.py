"""The store's side: a replica that the hub feeds and a till reads, on line or off line. Imports nothing of the hub."""

from __future__ import annotations

from hub_pos.errors import CheckpointRefused, NotAuthorized, ReplicaBusy, ReplicaError, ReplicaMissing, SaleRefused
from hub_pos.questions import Decision
from hub_pos.register import Register
from hub_pos.replica import Replica
from hub_pos.returning import ReturnLine
from hub_pos.rows import Barcode, Customer, Order, OrderLine, Price, Product, Right, Status, Stock
from hub_pos.sale import SaleLine, Tender, Written
from hub_pos.schema import SCHEMA
from hub_pos.till import Till

__all__ = [
    "SCHEMA",
    "Barcode",
    "CheckpointRefused",
    "Customer",
    "Decision",
    "NotAuthorized",
    "Order",
    "OrderLine",
    "Price",
    "Product",
    "Register",
    "Replica",
    "ReplicaBusy",
    "ReplicaError",
    "ReplicaMissing",
    "ReturnLine",
    "Right",
    "SaleLine",
    "SaleRefused",
    "Status",
    "Stock",
    "Tender",
    "Till",
    "Written",
]
