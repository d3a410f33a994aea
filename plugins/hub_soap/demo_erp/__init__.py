"""A small ERP on loopback with a SOAP interface, for the demo and the tests. See ``plugins/hub_soap/README.md``."""

from __future__ import annotations

from hub_soap.demo_erp.server import DemoErp

__all__ = ["DemoErp"]
