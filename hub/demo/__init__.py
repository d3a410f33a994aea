"""``hub demo``: the main job on sample data, in a workspace of its own.

Three trading partners (X12, EDIFACT, CSV), an ERP with a SOAP interface, three stores. Everything is the real thing:
the ERP is a process on loopback, the database a file, the stores' replicas are what a till opens.
"""

from __future__ import annotations

from hub.demo.story import run
from hub.demo.workspace import prepare

__all__ = ["prepare", "run"]
