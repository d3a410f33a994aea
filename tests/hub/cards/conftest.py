"""Keys and cards to check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.cards import cose
from hub.cards.keys import CardKeys
from hub.cards.records import Card

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CUSTOMER = "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627"


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def keys(tmp_path: Path) -> CardKeys:
    return CardKeys(tmp_path / "keys")


@pytest.fixture
def write(keys: CardKeys) -> Any:
    """Signs a card: ``write(store="S001", rights=5)``."""

    def make(store: str = "", **fields: Any) -> bytes:
        values = {
            "number": 17, "customer": CUSTOMER, "tier": 2, "rights": 500, "seq": 3,
            "issued": NOW, "expires": NOW + timedelta(days=30), **fields,
        }  # fmt: skip
        card = Card(**values)
        return cose.sign(card.fields(), cose.CARD, keys.signer(store, NOW, NOW + timedelta(days=30)).private())

    return make
