"""Cards in the repository: numbers without holes, revoked ones, and cards that went back; on both databases."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from hub.cards.issuing import Wanted, issue
from hub.cards.verify import verify
from hub.errors import ConfigurationError
from hub.repository import VersionConflict
from tests.card_keys import trust_in

ANNA, BERT = "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627", "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0628"


def test_issued_cards_are_stored_and_hold(repository, keys):
    with repository.begin() as tx:
        first = issue(tx, keys, Wanted(ANNA, tier=2, rights=5))
        second = issue(tx, keys, Wanted(BERT, store="S001", days=10))
        now = tx.now
    assert (first.card.number, second.card.number) == (1, 2)
    assert second.card.expires - second.card.issued == timedelta(days=10)
    with repository.read() as tx:
        held = tx.card(2)
        assert held is not None
        assert (held.customer_id, held.store, held.key_id, held.seq) == (BERT, "S001", keys.newest("S001").id, 1)
        assert (held.issued_at, held.expires_at, held.revoked_at) == (second.card.issued, second.card.expires, None)
        assert [one.number for one in tx.cards()] == [2, 1]
        assert [one.number for one in tx.cards(ANNA)] == [1]
    for made in (first, second):
        assert verify(made.text, trust_in(keys), None, now).card == made.card


def test_a_number_is_not_used_up_by_what_failed(repository, keys):
    with pytest.raises(ConfigurationError, match="at most 10000 rights"), repository.begin() as tx:
        issue(tx, keys, Wanted(ANNA, store="S001", rights=10_001))
    with pytest.raises(ConfigurationError, match="tier"), repository.begin() as tx:
        issue(tx, keys, Wanted(ANNA, tier=24))
    with repository.begin() as tx:
        assert issue(tx, keys, Wanted(ANNA)).card.number == 1


def test_a_card_written_anew_keeps_its_number(repository, keys):
    with repository.begin() as tx:
        issue(tx, keys, Wanted(ANNA, rights=10))
    with repository.begin() as tx:
        again = issue(tx, keys, Wanted(ANNA, rights=7, number=1))
    assert (again.card.number, again.card.seq) == (1, 2)
    for wanted in (Wanted(BERT, number=1), Wanted(ANNA, number=2)):
        with pytest.raises(ConfigurationError, match="has no card"), repository.begin() as tx:
            issue(tx, keys, wanted)
    with repository.begin() as tx:
        tx.revoke_card(1)
    with pytest.raises(ConfigurationError, match="revoked"), repository.begin() as tx:
        issue(tx, keys, Wanted(ANNA, number=1))


def test_a_card_is_not_written_over_what_happened_meanwhile(repository, keys):
    with repository.begin() as tx:
        issue(tx, keys, Wanted(ANNA, rights=10))
        held = tx.card(1)
    assert held is not None
    for seq in (1, 3):  # written anew twice at once, from what each of the two had read; a seq left out
        with pytest.raises(VersionConflict, match="card 1"), repository.begin() as tx:
            tx.save_card(dataclasses.replace(held, seq=seq))
    with repository.begin() as tx:
        tx.revoke_card(1)
    with pytest.raises(VersionConflict, match="card 1"), repository.begin() as tx:
        tx.save_card(dataclasses.replace(held, seq=2))
    with repository.read() as tx:
        assert [one.revoked_at is not None for one in tx.cards()] == [True]
