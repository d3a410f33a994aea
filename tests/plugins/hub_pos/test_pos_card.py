"""A till checks cards off line, with code of its own, and finds what the hub finds."""

from __future__ import annotations

import base64
import dataclasses
import json
import random
import re
import subprocess
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

import hub_pos
from hub.cards import cose
from hub.cards import keys as hub_keys
from hub.cards.records import Card, text_of
from hub.cards.revocations import Revocations as HubRevocations
from hub.cards.revocations import read_revocations
from hub.cards.verify import Trust, verify
from hub_pos.card import CardKeys, Revocations, certified, read_card
from hub_pos.card_key import WritingKey
from hub_pos.card_record import CardsUnavailable, card_bytes, card_text
from hub_pos.card_writing import rewrite
from tests.card_keys import published_of, trust_in

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class World:
    """A hub with two stores and two keys of each, a thief with keys of its own, and what a till knows of them."""

    def __init__(self, folder: Path) -> None:
        self.keys, self.thief = hub_keys.CardKeys(folder / "hub"), hub_keys.CardKeys(folder / "thief")
        self.signers = [
            keys.rotate(store, NOW - 5 * DAY, cap).private()
            for keys in (self.keys, self.thief)
            for store, cap in (("", None), ("S001", 500), ("S002", 70_000), ("S001", 1_000))
        ]
        self.till = CardKeys(*published_of(self.keys))
        self.revoked = HubRevocations.of(1, NOW, range(2, 2_000, 3))
        data = self.revoked.signed(self.keys.newest("").private())
        self.revocations = Revocations.parse(data, self.till)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("cards"))


def _random_card(world: World, dice: random.Random) -> bytes:
    """A card of anybody's, for anybody, of any time, sometimes damaged."""
    card = Card(
        dice.randint(1, 2_100), str(uuid.UUID(int=dice.getrandbits(128))), dice.randint(0, 23),
        dice.choice([0, 1, 500, 501, 70_000, 2**32 - 1]), dice.randint(1, 2**16 - 1),
        NOW + dice.randint(-5, 1) * DAY, NOW + dice.choice([-1, 1, 30, 60, 84, 90]) * DAY,
    )  # fmt: skip
    kind = dice.choice([cose.CARD] * 9 + [cose.CERTIFICATE])
    signed = cose.sign(card.fields(), kind, dice.choice(world.signers[:4] * 4 + world.signers[4:]))
    if dice.random() < 0.15:
        place = dice.randrange(len(signed))
        signed = signed[:place] + dice.randbytes(1) + signed[place + 1 :]
    return signed


def test_till_and_hub_agree_on_any_card(world: World):
    dice = random.Random(1)
    trust, verdicts = trust_in(world.keys), Counter[str]()
    for _ in range(1_500):
        signed = _random_card(world, dice)
        shown: str | bytes = text_of(signed) if dice.random() < 0.5 else signed
        listed, at = dice.random() < 0.5, NOW + dice.randint(-2, 10) * DAY
        verdict = verify(shown, trust, world.revoked if listed else None, at)
        reading = read_card(shown, world.till, world.revocations if listed else None, at)
        verdicts[reading.refused] += 1
        assert (reading.refused, reading.store) == (verdict.refused, verdict.store)
        assert reading.holds == (not verdict.refused)
        read = verdict.card
        assert (read is not None) == bool(reading.number)
        if read is not None:
            fields = [field.name for field in dataclasses.fields(read)]
            assert [getattr(read, name) for name in fields] == [getattr(reading, name) for name in fields]
            assert reading.list_of == (NOW if listed else None)
    assert verdicts.keys() == {
        "", "unreadable", "unknown_key", "altered", "outside_key", "above_cap", "revoked", "not_yet_valid", "expired"
    }  # fmt: skip
    assert min(verdicts.values()) > 20, verdicts


@given(st.one_of(st.binary(max_size=700), st.text(max_size=300), st.text("HUBC1: $%*+-./0A", max_size=300)))
def test_anything_may_be_held_before_the_scanner(world: World, shown):
    assert read_card(shown, world.till, None, NOW).refused in ("unreadable", "unknown_key")


@given(st.dictionaries(st.integers(0, 9), st.one_of(st.integers(), st.binary(max_size=20), st.none(), st.floats())))
def test_a_signed_record_with_other_content_is_no_card(world: World, fields):
    signed = cose.sign(fields, cose.CARD, world.signers[0])
    reading, verdict = read_card(signed, world.till, None, NOW), verify(signed, trust_in(world.keys), None, NOW)
    assert reading.refused == verdict.refused == "unreadable"


def test_no_byte_may_differ(world: World):
    card = Card(1, "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627", 1, 5, 1, NOW, NOW + DAY)
    signed = cose.sign(card.fields(), cose.CARD, world.signers[3])
    assert read_card(signed, world.till, world.revocations, NOW).holds
    for place in range(len(signed)):
        for change in range(1, 256, 17):
            altered = signed[:place] + bytes([signed[place] ^ change]) + signed[place + 1 :]
            assert not read_card(altered, world.till, world.revocations, NOW).holds
        assert not read_card(signed[:place], world.till, world.revocations, NOW).holds


def test_the_files_that_the_hub_writes(world: World, tmp_path: Path):
    file = tmp_path / "keys.json"
    parts = [[base64.b64encode(one).decode() for one in part] for part in published_of(world.keys)]
    file.write_text(json.dumps(dict(zip(("roots", "certificates"), parts, strict=True))))
    keys = CardKeys.read(file)
    revoked = tmp_path / "revoked"
    revoked.write_bytes(world.revoked.signed(world.signers[0]))
    assert 2 in Revocations.read(revoked, keys)
    assert 3 not in Revocations.read(revoked, keys)
    assert 10**9 not in Revocations.read(revoked, keys)
    for wrong in (b"{}", b"?", b'{"roots": ["AA=="], "certificates": []}', b"[]"):
        file.write_bytes(wrong)
        with pytest.raises(CardsUnavailable, match=r"card keys|certificate"):
            CardKeys.read(file)
    with pytest.raises(CardsUnavailable, match="cannot be read"):
        Revocations.read(tmp_path / "none", keys)
    with pytest.raises(CardsUnavailable, match="cannot be read"):
        CardKeys.read(tmp_path / "none")


def test_an_older_list_does_not_come_back(world: World):
    old, new = (HubRevocations.of(seq, NOW, [seq]) for seq in (7, 8))
    first = Revocations.parse(new.signed(world.signers[0]), world.till)
    assert Revocations.parse(old.signed(world.signers[0]), world.till, first) is first
    newer = HubRevocations.of(9, NOW, [9]).signed(world.signers[0])
    assert Revocations.parse(newer, world.till, first).seq == 9
    for forged in (new.signed(world.signers[1]), new.signed(world.signers[4]), b"", b"\xd2"):
        with pytest.raises(CardsUnavailable, match="no list"):
            Revocations.parse(forged, world.till)


def test_without_the_extra_a_till_says_what_to_install(world: World):
    card = Card(1, "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627", 1, 5, 1, NOW, NOW + DAY)
    roots = [base64.b64encode(one).decode() for one in published_of(world.keys)[0]]
    text = text_of(cose.sign(card.fields(), cose.CARD, world.signers[0]))
    program = (
        "import base64, sys\n"
        "from datetime import datetime, UTC\n"
        "sys.modules[sys.argv[1]] = None\n"
        "from hub_pos.card import CardKeys, read_card\n"
        "try:\n"
        "    print(read_card(sys.argv[2], CardKeys(map(base64.b64decode, sys.argv[3:])), None, datetime.now(UTC)))\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    for library in ("cbor2", "cryptography"):
        done = subprocess.run(
            [sys.executable, "-c", program, library, text, *roots], capture_output=True, text=True, check=False
        )
        assert f"CardsUnavailable checking cards needs {library}" in done.stdout, done.stdout + done.stderr
        assert "erp-edi-hub-pos[card]" in done.stdout


def test_the_example_of_the_protocol():
    text = (Path(hub_pos.__file__).parent / "PROTOCOL.md").read_text("utf-8").partition("### 9.4 An example")[2]
    row = re.compile(r"^\| (\w+)[^|`]* \| `([^`]+)` \|$", re.MULTILINE)
    rows, written = (dict(row.findall(part)) for part in text.partition("\n## ")[0].split("### 9.6"))
    root, certificate, card, revoked = (bytes.fromhex(rows[name]) for name in ("root", "certificate", "card", "list"))
    keys = CardKeys([root], [certificate])
    at = datetime(2026, 3, 2, tzinfo=UTC)
    listed = Revocations.parse(revoked, keys)
    for shown in (card, rows["the"]):
        reading = read_card(shown, keys, listed, at)
        assert (reading.holds, reading.number, reading.store, reading.tier) == (True, 17, "S001", 2)
        assert (reading.rights, reading.seq, reading.expires) == (500, 3, NOW + 20 * DAY)
    assert [number for number in range(100) if number in listed] == [3, 16]
    # The hub writes the same bytes.
    store = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
    made = Card(17, reading.customer, 2, 500, 3, NOW, NOW + 20 * DAY)
    assert cose.sign(made.fields(), cose.CARD, store) == card
    trust = Trust([root], [certificate])
    assert verify(card, trust, None, at).card == made
    assert read_revocations(revoked, trust) == HubRevocations.of(5, NOW, [3, 16])
    # A till writes it anew.
    key, later = WritingKey(store, certified(certificate)), datetime(2026, 3, 2, 12, tzinfo=UTC)
    image = rewrite(read_card(card, keys, listed, later), key, spend=120, now=later)
    assert (image, card_bytes(image).hex()) == (written["the"], written["new"])
    assert read_card(image, keys, listed, later).rights == 380


@given(st.binary(min_size=1, max_size=200))
def test_text_and_bytes_are_one(data: bytes):
    assert card_text(data) == text_of(data)
    assert card_bytes(card_text(data)) == data
