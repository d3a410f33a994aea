"""Rows of the replica put together into the records of ``hub_pos.rows``."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub_pos.pricing import number
from hub_pos.reading import Reader
from hub_pos.rows import Barcode, Customer, Order, OrderLine, Product, Right, Stock
from hub_pos.schema import ENTITIES


def customer(reader: Reader, row: sqlite3.Row) -> Customer:
    """A row of ``customer`` with its keys."""
    return Customer(
        **_texts(row, ("id", *ENTITIES["customer"].columns), skip=("tax_exempt", "on_hold", "credit_limit")),
        tax_exempt=bool(row["tax_exempt"]),
        on_hold=bool(row["on_hold"]),
        credit_limit=number(row["credit_limit"]),
        keys=_keys(reader, "customer_key", "customer_id", row["id"]),
    )


def product(reader: Reader, row: sqlite3.Row, scanned: Barcode | None = None) -> Product:
    """A row of ``product`` with its barcodes and keys."""
    barcodes = reader.all("SELECT * FROM barcode WHERE product_id = ? ORDER BY gtin", (row["id"],))
    return Product(
        **_texts(row, ("id", *ENTITIES["product"].columns), skip=("variable_measure",)),
        variable_measure=bool(row["variable_measure"]),
        barcodes=tuple(barcode(item) for item in barcodes),
        keys=_keys(reader, "product_key", "product_id", row["id"]),
        scanned=scanned,
    )


def barcode(row: sqlite3.Row) -> Barcode:
    """A row of ``barcode``."""
    return Barcode(row["gtin"], row["unit"] or "", number(row["quantity"]) or Decimal(1))


def stock(row: Mapping[str, Any]) -> Stock:
    """A row of ``stock``."""
    quantities = ("on_hand", "available", "reserved", "in_transit", "on_order")
    return Stock(**_texts(row, ("location", "unit", "as_of")), **_numbers(row, quantities))


def order(reader: Reader, row: sqlite3.Row) -> Order:
    """A row of ``orders`` with its lines in order."""
    lines = reader.all("SELECT * FROM order_line WHERE order_id = ? ORDER BY position", (row["id"],))
    return Order(
        **_texts(row, ("id", *ENTITIES["order"].columns), skip=("total", "line_count", "customer_key")),
        total=number(row["total"]),
        lines=tuple(
            OrderLine(
                **_texts(line, ("line_id", "item", "name", "unit", "currency", "status")),
                **_numbers(line, ("quantity", "price", "amount")),
            )
            for line in lines
        ),
    )


def right(row: sqlite3.Row) -> Right:
    """A row of ``rights``."""
    return Right(
        row["right_id"] or row["id"],
        **_texts(row, ("resource", "party_id", "account_id", "currency", "expires_at")),
        granted=number(row["granted"]) or Decimal(0),
        recalled=number(row["recalled"]) or Decimal(0),
    )


def _numbers(row: sqlite3.Row | Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: number(row[name]) for name in names}


def _texts(row: sqlite3.Row | Mapping[str, Any], names: Sequence[str], skip: Sequence[str] = ()) -> dict[str, Any]:
    return {name: row[name] or "" for name in names if name not in skip}


def _keys(reader: Reader, table: str, owner: str, id_: str) -> tuple[tuple[str, str], ...]:
    rows = reader.all(f"SELECT scheme, value FROM {table} WHERE {owner} = ? ORDER BY scheme, value", (id_,))
    return tuple((row["scheme"], row["value"]) for row in rows)
