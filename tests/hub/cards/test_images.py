"""What the hub learns from cards that are shown and written, by tills of several stores and by itself, whatever order
the uploads come in; on both databases. The tills' part is ``hub_pos``'s own code."""

from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.cards import cose
from hub.cards.certifying import AT_ONCE, Asked, TooManyKeys, certify, retire
from hub.cards.issuing import Wanted, issue
from hub.cards.keys import CardKeys
from hub.cards.publishing import certificates, publish, published
from hub.cards.records import Card, Certificate, bytes_of, text_of
from hub.cards.shown import card_shown
from hub.errors import ConfigurationError
from hub.model import CardKey
from hub.repository import Repository
from hub_pos.card import CardKeys as TillKeys
from hub_pos.card import CardReading, certified, read_card
from hub_pos.card_key import WritingKey
from hub_pos.card_writing import rewrite
from hub_pos.errors import SaleRefused

ANNA = "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627"
MINUTE = timedelta(minutes=1)


@dataclass
class Till:
    """A till with a key of its own, and what it has not sent yet: (card shown, card written, time)."""

    node: str
    private: Ed25519PrivateKey
    certificate: bytes
    kept: dict[int, str] = field(default_factory=dict)
    waiting: list[tuple[str, str, datetime]] = field(default_factory=list)

    @property
    def store(self) -> str:
        return self.node.partition("-")[0]


class World:
    """A hub and four tills of two stores."""

    def __init__(self, repo: Repository, keys: CardKeys) -> None:
        self.repo, self.keys = repo, keys
        self.tills = [self.till(node) for node in ("S001-1", "S001-2", "S002-1", "S002-2")]
        with repo.read() as tx:
            self.known = TillKeys(*certificates(published(tx)))
            self.now = tx.now.replace(microsecond=0) + MINUTE

    def till(self, node: str, cap: int = 1_000) -> Till:
        def join(tx: Any) -> None:
            tx.invite_node(node, node.partition("-")[0], f"of {node}", timedelta(1))
            tx.register_node(node, f"of {node}", "A" * 43 + "=")

        self.repo.retrying(join)
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        asked = Asked(node, node.partition("-")[0], public, cap)
        return Till(node, private, self.repo.retrying(lambda tx: certify(tx, self.keys, asked)))

    def issue(self, rights: int, number: int | None = None) -> str:
        with self.repo.begin() as tx:
            return issue(tx, self.keys, Wanted(ANNA, rights=rights, number=number)).text

    def read(self, text: str) -> CardReading:
        return read_card(text, self.known, None, self.now)

    def spend(self, till: Till, shown: str, spend: int) -> str:
        """What ``Register.sell`` does with a card."""
        reading = self.read(shown)
        kept = till.kept.get(reading.number, shown)
        if self.read(kept).seq > reading.seq:
            reading = self.read(kept)
        key = WritingKey(till.private, certified(till.certificate))
        text = rewrite(reading, key, spend=spend, now=self.now)
        till.kept[reading.number] = text
        return text

    def told(self, till: Till, shown: str, written: str = "", at: datetime | None = None) -> list[str]:
        with self.repo.begin() as tx:
            found = card_shown(tx, shown, written, till.store, at or self.now)
        return [one.code for one in found]

    def held(self, number: int) -> tuple[int, int]:
        with self.repo.read() as tx:
            record = tx.card(number)
        assert record is not None
        return record.seq, record.rights

    def later(self, minutes: int = 1) -> None:
        self.now += minutes * MINUTE


@pytest.fixture
def world(repository: Repository, keys: CardKeys, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(repository, keys)
    monkeypatch.setattr("hub.repository.clock.now", lambda: made.now)
    return made


def test_written_at_one_store_and_shown_at_another(world):
    first, _, third, _ = world.tills
    card = world.issue(500)
    written = world.spend(first, card, 120)
    reading = world.read(written)
    assert (reading.refused, reading.rights, reading.seq, reading.store) == ("", 380, 2, "S001")
    assert world.told(first, card, written) == []
    world.later()
    again = world.spend(third, written, 380)
    assert world.read(again).rights == 0
    assert world.told(third, written, again) == []
    assert world.held(1) == (3, 0)
    world.later()
    assert world.told(third, card) == ["card.went_back"]
    assert world.told(third, again) == []


def test_uploads_that_come_late_are_no_copies(world):
    first, _, third, _ = world.tills
    card = world.issue(500)
    begun = world.now
    written = world.spend(first, card, 100)
    world.later()
    again = world.spend(third, written, 100)
    assert world.told(third, written, again) == []
    assert world.told(first, card, written, begun) == []
    assert world.held(1) == (3, 300)


def test_spent_twice_from_one_image_at_tills_that_are_off_line(world):
    first, _, third, _ = world.tills
    card = world.issue(500)
    one = world.spend(first, card, 100)
    world.later()
    other = world.spend(third, card, 400)
    assert world.told(third, card, other) == []
    assert "card.forked" in world.told(first, card, one, world.now - MINUTE)


def test_a_chip_that_was_not_written(world):
    first = world.tills[0]
    card = world.issue(500)
    written = world.spend(first, card, 100)
    assert world.told(first, card, written) == []
    world.later()
    again = world.spend(first, card, 50)
    assert (world.read(again).seq, world.read(again).rights) == (3, 350)
    assert world.told(first, card, again) == ["card.went_back"]
    assert world.held(1) == (3, 350)


def signed(world: World, text: str, key: Ed25519PrivateKey, **other: Any) -> str:
    card = Card.of(cose.fields_of(cose.read(bytes_of(text)).payload))
    made = replace(card, **{"seq": card.seq + 1, "issued": world.now, **other})
    return text_of(cose.sign(made.fields(), cose.CARD, key))


def test_what_does_not_follow(world):
    first, second, third, _ = world.tills
    card = world.issue(500)
    world.later()
    cases: list[tuple[str, list[str]]] = [
        (signed(world, card, first.private, rights=501), ["card.rights_rose"]),
        (signed(world, card, first.private, number=9), ["card.other_card"]),
        (signed(world, card, first.private, customer=ANNA[:-1] + "8"), ["card.other_card"]),
        (signed(world, card, first.private, tier=3), ["card.other_card"]),
        (signed(world, card, first.private, rights=1_001), ["card.above_cap"]),
        (signed(world, card, third.private, rights=400), ["card.other_key"]),
        (signed(world, card, world.keys.newest("").private(), rights=400), ["card.other_key"]),
        (signed(world, card, first.private, issued=world.now - timedelta(days=1)), ["card.outside_key"]),
        (signed(world, card, Ed25519PrivateKey.generate()), ["card.unknown_key"]),
        ("?", ["card.unreadable"]),
    ]
    for written, codes in cases:
        assert world.told(first, card, written) == codes
        assert world.held(1) == (1, 500)
    fresh = world.issue(500)
    world.later()
    longer = world.read(fresh).expires + timedelta(days=1)
    assert world.told(second, fresh, signed(world, fresh, second.private, expires=longer)) == ["card.not_following"]
    another = world.issue(10)
    assert world.told(second, "", signed(world, another, second.private)) == ["card.other_card"]


def test_what_a_till_does_not_write(world):
    first = world.tills[0]
    key = WritingKey(first.private, certified(first.certificate))
    reading = world.read(world.issue(500))
    for bad, words in (
        ({"spend": 501}, "500 left"),
        ({"spend": 0}, "whole number"),
        ({"spend": -1}, "whole number"),
        ({"spend": True}, "whole number"),
    ):
        with pytest.raises(SaleRefused, match=words):
            rewrite(reading, key, now=world.now, **bad)
    for other, words in (
        (replace(reading, refused="expired", why="it expired"), "it expired"),
        (replace(reading, rights=2_000), "at most 1000"),
        (replace(reading, seq=2**16 - 1), "too often"),
        (replace(reading, expires=world.now), "ends now"),
    ):
        with pytest.raises(SaleRefused, match=words):
            rewrite(other, key, spend=1, now=world.now)
    short = replace(key, certificate=replace(key.certificate, ends=int(world.now.timestamp()) + 60))
    made = Card.of(cose.fields_of(cose.read(bytes_of(rewrite(reading, short, spend=1, now=world.now))).payload))
    assert made.expires == world.now + MINUTE


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence(world, seed):
    """Rights never rise; honest sequences are never suspected, in whatever order uploads come; of two who spend one
    image at least one is found, and so is every older image that is shown on line."""
    dice = random.Random(seed)
    honest = seed % 3 == 0
    for _ in range(2):
        chip = world.issue(dice.randint(100, 1_000))
        images, spent_from, suspects = [chip], {chip: 0}, 0
        for _ in range(dice.randint(4, 18)):
            world.later(dice.randint(1, 30))
            till, online = dice.choice(world.tills), dice.random() < 0.6
            shown = chip if honest or dice.random() < 0.5 else dice.choice(images)
            reading = world.read(shown)
            assert reading.holds
            written = ""
            if reading.rights and dice.random() < 0.6:
                amount = dice.randint(1, 1 + reading.rights // 3)
                before = world.read(
                    max(shown, till.kept.get(reading.number, shown), key=lambda one: world.read(one).seq)
                )
                try:
                    written = world.spend(till, shown, amount)
                except SaleRefused:
                    assert before.rights < amount  # the till knows a newer image
                else:
                    after = world.read(written)
                    assert (after.rights, after.seq) == (before.rights - amount, before.seq + 1)
                    base = next(one for one in images if world.read(one) == before)
                    spent_from[base] = spent_from.get(base, 0) + 1
                    images.append(written)
                    chip = written if shown == chip else chip
            if dice.random() < 0.1 and honest and not any(one.waiting for one in world.tills):
                chip = world.issue(dice.randint(0, 1_000), reading.number) if not written else chip
                images.append(chip)
            till.waiting.append((shown, written, world.now))
            if online:
                older = older_than_known(world, reading)
                codes = [code for entry in till.waiting for code in world.told(till, *entry)]
                till.waiting.clear()
                suspects += bool(codes)
                assert not (honest and codes), codes
                assert codes or not older
        order = [till for till in world.tills for _ in till.waiting]
        dice.shuffle(order)
        for till in order:
            codes = world.told(till, *till.waiting.pop(0))
            suspects += bool(codes)
            assert not (honest and codes), codes
        assert suspects or max(spent_from.values()) < 2
        for till in world.tills:
            till.kept.clear()


def older_than_known(world: World, reading: CardReading) -> bool:
    """Whether the hub knows that this image had been replaced by now."""
    with world.repo.read() as tx:
        replaced = tx.replaced_at(reading.number, reading.seq)
    return replaced is not None and replaced < world.now


def test_certificates_of_tills(world):
    repo, keys = world.repo, world.keys
    first = world.tills[0]
    public = first.private.public_key().public_bytes_raw()
    asked = Asked("S001-1", "S001", public, 1_000)
    assert repo.retrying(lambda tx: certify(tx, keys, asked)) == first.certificate
    head = repo.feed_head().position
    repo.retrying(lambda tx: publish(tx, keys))
    assert repo.feed_head().position == head
    with pytest.raises(TooManyKeys, match="another one's"):
        repo.retrying(lambda tx: certify(tx, keys, replace(asked, node="S001-2")))
    for _ in range(AT_ONCE - 1):
        world.till("S001-1")
    with pytest.raises(TooManyKeys, match="have not ended"):
        world.till("S001-1")
    card = world.issue(100)
    written = world.spend(first, card, 1)
    repo.retrying(lambda tx: retire(tx, keys, cose.key_id(public).hex()))
    assert world.told(first, card, written) == ["card.unknown_key"]
    with pytest.raises(ConfigurationError, match="no card key"):
        repo.retrying(lambda tx: retire(tx, keys, cose.key_id(public).hex()))
    with repo.begin() as tx:
        tx.revoke_node("S001-1")
        publish(tx, keys)
        assert {one.data().get("node", "") for one in published(tx)} == {"", "S001-2", "S002-1", "S002-2"}


def test_a_certificate_that_has_ended_goes(repository, keys):
    world = World(repository, keys)
    root = keys.newest("").private()
    old = Certificate("S001", Ed25519PrivateKey.generate().public_key().public_bytes_raw(),
                      world.now - timedelta(days=91), world.now - timedelta(days=1), 5)  # fmt: skip
    signed_old = cose.sign(old.fields(), cose.CERTIFICATE, root)
    with repository.begin() as tx:
        id_ = cose.key_id(old.public).hex()
        tx.put(CardKey(key_id=id_, store="S001", node="S001-1", certificate=b64encode(signed_old).decode()))
        assert len(list(published(tx))) == 6
    with repository.begin() as tx:
        publish(tx, keys)
        assert len(list(published(tx))) == 5
