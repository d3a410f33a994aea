"""The translator does what every translator must."""

from __future__ import annotations

from pathlib import Path

from hub.testing import TranslatorConformance
from hub_edifact.translator import EdifactTranslator

SAMPLES = Path(__file__).parents[2] / "samples" / "edifact"


class TestOrdersD96A(TranslatorConformance):
    translator = EdifactTranslator()
    samples = (SAMPLES / "orders-d96a.edi",)
    writes = {"Order": ("ORDERS", "D96A")}


class TestOrdersD01B(TranslatorConformance):
    translator = EdifactTranslator()
    samples = (SAMPLES / "orders-d01b.edi",)
    writes = {"Order": ("ORDERS", "D01B")}


class TestSyntaxVersion4(TranslatorConformance):
    translator = EdifactTranslator()
    samples = (SAMPLES / "orders-v4.edi",)
    options = {"syntax": "UNOY", "syntax_version": "4"}
    writes = {"Order": ("ORDERS", "D96A")}
