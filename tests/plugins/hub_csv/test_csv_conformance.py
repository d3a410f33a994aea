"""The translator does what every translator must."""

from __future__ import annotations

from pathlib import Path

from hub.testing import TranslatorConformance
from hub_csv.translator import CsvTranslator

SAMPLES = Path(__file__).parents[2] / "samples" / "csv"


class TestCsvOrders(TranslatorConformance):
    translator = CsvTranslator()
    samples = (SAMPLES / "marketplace-orders.csv", SAMPLES / "marketplace-orders-utf16.csv")
    writes = {"Order": ("marketplace-orders", "")}


class TestCsvProducts(TranslatorConformance):
    translator = CsvTranslator()
    samples = (SAMPLES / "marketplace-products.csv",)
    writes = {"Product": ("marketplace-products", "")}
