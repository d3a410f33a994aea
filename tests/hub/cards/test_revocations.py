"""The list of revoked cards: small, signed, and never an older one for a newer one."""

from __future__ import annotations

import math
import random
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cards import cose
from hub.cards.revocations import Revocations, read_revocations
from tests.card_keys import trust_in

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.sets(st.integers(1, 4_000), max_size=300))
def test_exactly_the_revoked_are_in_it(numbers):
    made = Revocations.of(1, NOW, numbers)
    assert len(made) == len(numbers)
    assert {number for number in range(4_100) if number in made} == numbers


def test_there_and_back(keys, now):
    root = keys.rotate("", now)
    for numbers in ([], [1], [7, 8, 9, 1_000_000]):
        made = Revocations.of(5, now, numbers)
        assert read_revocations(made.signed(root.private()), trust_in(keys)) == made


def test_an_older_list_is_refused(keys, now):
    key = keys.rotate("", now).private()
    old, new = Revocations.of(4, now, [1]), Revocations.of(5, now, [1, 2])
    held = read_revocations(new.signed(key), trust_in(keys), old)
    with pytest.raises(ValueError, match=r"no\. 4\) is older"):
        read_revocations(old.signed(key), trust_in(keys), held)
    assert read_revocations(new.signed(key), trust_in(keys), held) == new


def test_only_the_hub_makes_lists_and_no_byte_may_differ(keys, now):
    root, store = keys.rotate("", now).private(), keys.rotate("S001", now).private()
    made = Revocations.of(1, now, [5, 600])
    with pytest.raises(ValueError, match="not signed by the hub"):
        read_revocations(made.signed(store), trust_in(keys))
    signed = made.signed(root)
    for place in range(len(signed)):
        altered = bytearray(signed)
        altered[place] ^= 1
        with pytest.raises(ValueError, match=r"."):
            read_revocations(bytes(altered), trust_in(keys))


@pytest.mark.parametrize(
    "fields",
    [
        {1: 1, 2: 0, 3: 1 << 40, 4: b""},
        {1: 1, 2: 0, 3: 10, 4: zlib.compress(bytes(10_000_000))},
        {1: 1, 2: 0, 3: 10, 4: zlib.compress(bytes(9))},
        {1: 1, 2: 0, 3: 10, 4: b"?"},
        {1: 1, 2: 0, 3: 10},
        {1: "1", 2: 0, 3: 0, 4: zlib.compress(b"")},
    ],
)
def test_what_a_broken_hub_might_sign_is_refused(keys, now, fields):
    key = keys.rotate("", now).private()
    with pytest.raises(ValueError, match="list"):
        read_revocations(cose.sign(fields, cose.REVOCATIONS, key), trust_in(keys))


def test_what_a_list_covers():
    def of(*numbers: int) -> Revocations:
        return Revocations.of(1, NOW, numbers)

    assert of(3, 900).covers(of(3))
    assert of(3).covers(of())
    assert not of(3).covers(of(3, 900))
    assert not of().covers(of(1))


def test_a_million_cards_one_in_a_hundred_revoked_are_15_kb(keys, now):
    numbers = random.Random(1).sample(range(1, 1_000_001), 10_000)
    size = len(Revocations.of(1, now, numbers).signed(keys.rotate("", now).private()))
    floor = 1_000_000 * -(0.01 * math.log2(0.01) + 0.99 * math.log2(0.99)) / 8
    assert size <= 15_000
    assert size <= 1.5 * floor
