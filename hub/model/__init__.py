"""Canonical documents: what the hub says about trade, whatever format a partner speaks.

``KINDS`` holds every kind; ``Document.from_json`` and ``to_json`` are its exact, stable JSON form; ``review`` finds
what is notable in a document; ``schema`` is its JSON Schema. Values are in the module of their concept
(``hub.model.money``, ``hub.model.dates`` …).
"""

from __future__ import annotations

from hub.model.authorization import Authorization
from hub.model.campaign import Campaign
from hub.model.case import Case
from hub.model.consent import Consent
from hub.model.customer_card import CardKey, CardRevocations
from hub.model.customer_profile import CustomerProfile
from hub.model.customer_segment import Segment
from hub.model.document import KINDS, Document, kind_named
from hub.model.envelope import DocumentEnvelope
from hub.model.forecast import Forecast
from hub.model.identifiers import Identifier
from hub.model.interaction import Interaction
from hub.model.inventory import InventoryMovement, InventorySnapshot
from hub.model.invoice import Invoice
from hub.model.json_schema import schema
from hub.model.location import Location, PointOfSale
from hub.model.loyalty import LoyaltyEntry
from hub.model.money import Money, UnitPrice
from hub.model.order import Order
from hub.model.order_line import OrderLine
from hub.model.order_response import OrderResponse, OrderResponseLine
from hub.model.order_status import OrderStatusReport, OrderStatusRequest
from hub.model.packaging import Packaging
from hub.model.party import Party
from hub.model.party_ref import PartyRef
from hub.model.payment import Payment
from hub.model.pos_transaction import PosTransaction
from hub.model.price import Price
from hub.model.price_list import PriceList
from hub.model.product import Product
from hub.model.quantity import Quantity
from hub.model.receipt import Receipt
from hub.model.returns import Return
from hub.model.reviewing import review
from hub.model.right import Right, RightReturn
from hub.model.sales_report import SalesReport
from hub.model.shipment import Shipment
from hub.model.trading_agreement import TradingAgreement

__all__ = [
    "KINDS",
    "Authorization",
    "Campaign",
    "CardKey",
    "CardRevocations",
    "Case",
    "Consent",
    "CustomerProfile",
    "Document",
    "DocumentEnvelope",
    "Forecast",
    "Identifier",
    "Interaction",
    "InventoryMovement",
    "InventorySnapshot",
    "Invoice",
    "Location",
    "LoyaltyEntry",
    "Money",
    "Order",
    "OrderLine",
    "OrderResponse",
    "OrderResponseLine",
    "OrderStatusReport",
    "OrderStatusRequest",
    "Packaging",
    "Party",
    "PartyRef",
    "Payment",
    "PointOfSale",
    "PosTransaction",
    "Price",
    "PriceList",
    "Product",
    "Quantity",
    "Receipt",
    "Return",
    "Right",
    "RightReturn",
    "SalesReport",
    "Segment",
    "Shipment",
    "TradingAgreement",
    "UnitPrice",
    "kind_named",
    "review",
    "schema",
]
