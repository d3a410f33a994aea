"""Consents and points reach the stores that see the customer, and no others; they follow the customer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model import Consent, LoyaltyEntry, Party
from hub.model.consent import permits
from hub.replication import Store, replicate, scopes_of
from hub.replication.profiles import Profiles, deciding
from hub.repository import Repository
from hub_pos import Till
from hub_pos.profile import permits as permitted
from hub_pos.rows import Consent as Said

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.fixture
def kept(database_url: str) -> Iterator[Repository]:
    with Repository.open(database_url, scope_function=scopes_of, derivation=Profiles()) as opened:
        yield opened


@pytest.fixture
def shops(tmp_path: Path) -> dict[str, Store]:
    return {
        name: Store(id=name, mode="distributed", territories=(name,), path=tmp_path / f"{name}.sqlite") for name in "NS"
    }


@pytest.fixture
def put(kept: Repository) -> Callable[..., str]:
    def store(document: Any, **more: Any) -> str:
        with kept.begin() as tx:
            return tx.put(document, **more).id

    return store


def customer(number: str, territory: str, **more: Any) -> Party:
    return Party(external_id=number, legal_name=f"Customer {number}", territory=territory, **more)


def consent(party: str, state: str, hour: int, *channels: str, purpose: str = "marketing", **more: Any) -> Consent:
    at = datetime(2026, 3, 1, hour, tzinfo=UTC)
    name = f"{party}-{purpose}-{hour}-{state}"
    return Consent(
        consent_id=name, party_id=party, purpose=purpose, state=state, given_at=at, channels=channels, **more
    )


def entry(party: str, account: str, points: int, number: int) -> LoyaltyEntry:
    kind = "earn" if points > 0 else "redeem"
    return LoyaltyEntry(
        entry_id=f"{account}-{number}", account_id=account, party_id=party, type=kind, points=Decimal(points), at=NOW
    )


def test_what_a_customer_said_is_seen_where_the_customer_is(
    kept: Repository, put: Callable[..., str], shops: dict[str, Store], types: Mapping[str, Any]
) -> None:
    ada = put(customer("1", "N"), system="erp")
    put(customer("2", "S"), system="erp")
    put(consent(ada, "granted", 8, "email", "sms"))
    put(consent(ada, "withdrawn", 9, "sms"))
    put(entry(ada, "A-1", 120, 1))
    put(entry(ada, "A-1", -20, 2))
    replicate(kept, shops.values(), types)
    assert shops["N"].path is not None
    assert shops["S"].path is not None
    with Till(shops["N"].path) as till:
        (found,) = till.find_customer("1")
        assert till.permits(found, "marketing", "email")
        assert not till.permits(found, "marketing", "sms")
        assert not till.permits(found, "marketing", "phone")
        assert till.accounts(found) == {"A-1": Decimal(100)}
        assert till.points("A-1") == Decimal(100)
    with Till(shops["S"].path) as till:
        assert till.points("A-1") is None
        assert till.status().rows["profile"] == 0
    # The customer moves: consents and points go along.
    put(customer("1", "S"), system="erp")
    replicate(kept, shops.values(), types)
    with Till(shops["N"].path) as till:
        assert till.status().rows["profile"] == 0
    with Till(shops["S"].path) as till:
        assert till.points("A-1") == Decimal(100)


def test_what_is_of_a_merged_customer_is_the_other_one_s(kept: Repository, put: Callable[..., str]) -> None:
    loser, winner = put(customer("1", "N"), system="erp"), put(customer("2", "S"), system="erp")
    put(entry(loser, "A-1", 5, 1))
    put(entry(winner, "A-2", 7, 1))
    put(customer("1", "N", status="merged", merged_into=winner), system="erp")
    put(entry(loser, "A-1", 10, 2))  # a till that did not know
    put(entry(winner, "A-2", 1, 2))
    with kept.read() as tx:
        (profile,) = tx.list("CustomerProfile")
    assert profile.data()["party_id"] == winner
    assert profile.data()["accounts"] == [{"account_id": "A-1", "points": "15"}, {"account_id": "A-2", "points": "8"}]
    assert profile.scopes == scopes_of(customer("2", "S"))
    with kept.begin() as tx:
        tx.remove("Party", winner)
    with kept.read() as tx:
        assert tx.list("CustomerProfile") == []


def test_a_till_s_own_name_for_a_customer_is_understood(kept: Repository, put: Callable[..., str]) -> None:
    mine = "0197a000-0000-7000-8000-000000000011"
    put(consent(mine, "granted", 8, source="S001-1"))  # before the hub knows who that is
    put(customer("", "N", external_ids=[{"system": "store:S001", "id": mine}]))
    with kept.read() as tx:
        (profile,) = tx.list("CustomerProfile")
    assert [one["state"] for one in profile.data()["consents"]] == ["granted"]
    put(consent(mine, "withdrawn", 9, source="S001-1"))
    with kept.read() as tx:
        (profile,) = tx.list("CustomerProfile")
    assert [one["state"] for one in profile.data()["consents"]] == ["withdrawn"]
    # The same id of another store is another customer's.
    put(consent(mine, "granted", 10, source="S002-1"))
    with kept.read() as tx:
        assert len(tx.list("CustomerProfile")) == 1


def test_two_consents_at_the_same_moment_are_both_in(kept: Repository, put: Callable[..., str]) -> None:
    ada = put(customer("1", "N"), system="erp")
    ready = threading.Barrier(4)

    def say(number: int) -> None:
        ready.wait()
        kept.retrying(lambda tx: tx.put(consent(ada, "granted", 1, purpose=f"p{number}")), 20)

    threads = [threading.Thread(target=say, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with kept.read() as tx:
        (profile,) = tx.list("CustomerProfile")
    assert sorted(one["purpose"] for one in profile.data()["consents"]) == ["p0", "p1", "p2", "p3"]


def test_customers_of_whom_nothing_happened_have_no_profile(kept: Repository) -> None:
    with kept.begin() as tx:
        tx.put_many([customer(str(number), "N") for number in range(900)], system="erp")
    with kept.read() as tx:
        assert tx.list("CustomerProfile") == []


EVENTS = st.lists(
    st.builds(
        consent,
        st.just("p"),
        st.sampled_from(["granted", "denied", "withdrawn"]),
        st.integers(0, 3),
        *[],
        purpose=st.sampled_from(["a", "b"]),
    ).flatmap(
        lambda one: st.sampled_from([(), ("email",), ("sms",), ("email", "sms")]).map(
            lambda channels: one.model_copy(update={"channels": channels})
        )
    ),
    max_size=8,
)


@given(EVENTS, st.integers(0, 3), st.integers(0, 3))
def test_the_till_decides_as_the_hub_does(events: list[Consent], kept_at: int, later: int) -> None:
    """Also for events that take effect only after the profile was made."""
    made, asked = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (kept_at, max(kept_at, later)))
    said = [Said(one.purpose, one.channels, one.state, one.given_at.isoformat(), "") for one in deciding(events, made)]
    assert len(said) <= len(events)
    for purpose in ("a", "b"):
        for channel in ("email", "sms", "phone"):
            assert permitted(said, purpose, channel, asked) == permits(events, purpose, channel, asked)
