"""What the hub demands of every translator."""

from __future__ import annotations

from pathlib import Path

from hub.testing.translators import TranslatorConformance
from hub_x12.translator import X12Translator

FOLDER = Path(__file__).parents[2] / "samples" / "x12"


class TestX12(TranslatorConformance):
    translator = X12Translator()
    samples = tuple(
        FOLDER / f"{name}.edi"
        for name in (
            "850-two-orders", "850-carriage-return", "850-two-separators", "850-005010", "855-response",
        )
    )  # fmt: skip
    writes = {"Order": ("850", "004010"), "OrderResponse": ("855", "004010")}


class TestX12Modern(TranslatorConformance):
    translator = X12Translator()
    samples = (FOLDER / "850-005010.edi", FOLDER / "855-response.edi")
    options = {"acknowledgment": "999", "ta1": "always", "separators-in-data": "choose"}
    writes = {"Order": ("850", "005010"), "OrderResponse": ("855", "005010")}
