"""ACME's plugin does what the hub asks of every plugin."""

from __future__ import annotations

from pathlib import Path

from acme_hub.order_no import ORDER_NO
from acme_hub.translator import AcmeTranslator

from hub.plugins import Plugins
from hub.testing import ConverterConformance, TranslatorConformance


class TestAcmeTranslator(TranslatorConformance):
    translator = AcmeTranslator()
    samples = (Path(__file__).parent.parent / "samples" / "orders.jsonl",)
    writes = {"Order": ("orders", "1")}


class TestOrderNo(ConverterConformance):
    converter = ORDER_NO
    values = ("4711", "0", "99999999999")
    texts = ("4711N", "0A")
    bad = ("4711", "4711A", "N", "", "47 11N", "٤A")


def test_plugin_is_installed() -> None:
    (status,) = [one for one in Plugins(strict=True).status() if one.name == "acme"]
    assert (status.translators, status.converters, status.version) == (("acme",), ("acme.order_no",), "2.1.0")
