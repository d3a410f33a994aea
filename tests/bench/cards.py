"""Customer cards: their size, the revocation list beside its entropy and as a sealed segment, checking one beside the
bare signature."""

from __future__ import annotations

import base64
import math
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.cards import cose
from hub.cards.keys import CardKeys
from hub.cards.records import Card, text_of
from hub.cards.revocations import Revocations
from hub.cards.verify import verify
from hub.model import CardRevocations
from hub.replication.rows import PROJECTIONS, project
from hub.replication.sealed import Contents, Set, seal
from hub_pos.card import CardKeys as TillKeys
from hub_pos.card import Revocations as TillRevocations
from hub_pos.card import read_card
from tests.bench.timing import compare, say
from tests.card_keys import published_of, trust_in

CARDS = 1_000_000
ROUNDS = 2_000


def _segment(data: bytes, now: datetime) -> int:
    """The bytes that a till fetches for a new list."""
    document = CardRevocations(list=base64.b64encode(data).decode(), seq=2, issued=now)
    row = project("CardRevocations", "", document.canonical_dict())
    changed = Set(17, PROJECTIONS["CardRevocations"].entity, tuple(row), row)
    return len(seal("all", 120, 180, Contents(sets=[changed])).data)


def main() -> None:
    """Print bytes and checks per second."""
    now = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as name:
        keys = CardKeys(Path(name))
        root, store = keys.rotate("", now).private(), keys.rotate("S001", now).private()
        card = Card(481_516, "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627", 2, 5_000, 3, now, now + timedelta(days=30))
        signed = cose.sign(card.fields(), cose.CARD, store)
        ten = dict(enumerate((card.number, 42, 4_711, 2, 500, 3, 1, 978, 1_772_366_400, 1_774_958_400), 1))
        say(f"a card: {len(signed)} bytes, {len(text_of(signed))} characters as text (target: at most 130 bytes)")
        say(f"ten integers in the same envelope: {len(cose.sign(ten, cose.CARD, store))} bytes (target: at most 130)")
        for share in (0.01, 0.001):
            numbers = random.Random(1).sample(range(1, CARDS + 1), int(CARDS * share))
            data = Revocations.of(1, now, numbers).signed(root)
            floor = -CARDS * (share * math.log2(share) + (1 - share) * math.log2(1 - share)) / 8
            what = f"revoked {share:.1%} of {CARDS:,}: {len(data):,} bytes, entropy {floor:,.0f}"
            target = " (target: at most 15,000)" if share == 0.01 else ""
            say(f"{what}: {len(data) / floor:.2f} x; as a sealed segment {_segment(data, now):,} bytes{target}")
        trust, till = trust_in(keys), TillKeys(*published_of(keys))
        start = time.perf_counter()
        revocations = TillRevocations.parse(data, till)
        say(f"a till reads the list in {(time.perf_counter() - start) * 1000:.1f} ms")
        text, envelope = text_of(signed), cose.read(signed)
        public = keys.newest("S001")
        assert public is not None

        def many(check: Callable[[], object]) -> Callable[[], None]:
            def run() -> None:
                for _ in range(ROUNDS):
                    check()

            return run

        compare(
            {
                "bare signature, COSE": many(lambda: envelope.signed_by(public.certificate.public, cose.CARD)),
                "till: text to customer, tier, rights": many(lambda: read_card(text, till, revocations, now)),
                "hub: text to verdict": many(lambda: verify(text, trust, None, now)),
                "issue: sign a card": many(lambda: cose.sign(card.fields(), cose.CARD, store)),
            },
            ROUNDS,
            "cards",
            clock=time.thread_time,
        )
