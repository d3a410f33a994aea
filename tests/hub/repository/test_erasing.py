"""A customer is erased on both databases: the content goes, identity, places and the feed stay."""

from __future__ import annotations

import pytest

from hub.model import Party
from hub.repository import NotFound, Repository
from hub.repository.uploads import Decision, UploadEntry


def entry(seq: int, document: str, body: str, kind: str = "Party") -> UploadEntry:
    return UploadEntry(seq, document, kind, body, f"{seq:064x}", "2026-03-01T12:00:00Z", "clock of Ada")


def test_an_erased_customer_leaves_an_empty_document(repository: Repository) -> None:
    ada = Party(
        legal_name="Ada", identifiers=[{"scheme": "gln", "value": "4006381333931"}],
        external_ids=[{"system": "store:S001", "id": "till-id"}],
    )  # fmt: skip
    with repository.begin() as tx:
        id_ = tx.put(ada, system="erp", scopes=frozenset({"territory:N"})).id
        other = tx.put(Party(legal_name="Bea", external_id="2"), system="erp").id
        tx.revise(id_, Party.read_json({**ada.canonical_dict(), "country": "DE"}), expected_version=1)
        tx.add_conflict("Party", id_, "name", "Ada", "Eda", "newest", "hub", "S001-1", 1)
        tx.add_conflict("Party", other, "name", "Bea", "Bo", "newest", "hub", "S001-1", 2)
        tx.set_field_clock(id_, "name", "Ada", "c", "S001-1")
        tx.lock_node("S001-1", "S001")
        payload = tx.store_payload(b"Ada and Bea").sha256
        bodies = [
            entry(1, "till-id", '{"legal_name":"Ada"}'), entry(2, "b", f'{{"party_id":"{id_}","x":"Ada"}}'),
            entry(3, "c", f'{{"party_id":"{other}"}}'), entry(4, "d", f'{{"party_id":"{id_}"}}', "Consent"),
        ]  # fmt: skip
        ids, _ = tx.keep_uploads("S001-1", "S001", bodies, payload)
        tx.decide_uploads([Decision(ids[0], "accepted", id_)])
    with repository.begin() as tx:
        done = tx.erase_customer(id_)
    assert (done.versions, done.uploads, done.payloads, done.conflicts, done.cards) == (3, 2, 1, 1, 0)
    assert done.buckets == ("all", "territory:N")
    repository.compact()
    with repository.read() as tx:
        assert [one.data() for one in tx.versions(id_)] == [{"status": "erased"}] * 3
        assert tx.find_all("Party", scheme="gln", value="4006381333931") == []
        assert tx.find_all("Party", name="Ada") == []
        assert [one.id for one in tx.list("Party")] == [other]
        assert [one.entry.body for one in tx.uploads()] == ['{"status":"erased"}'] * 2 + [
            one.body for one in bodies[2:]
        ]
        assert [one.entry.digest for one in tx.uploads()] == [one.digest for one in bodies]
        assert {one.id: (one.ours, one.theirs) for one in tx.conflicts()} == {id_: (None, None), other: ("Bea", "Bo")}
        assert tx.field_clock(id_, "name") is None
    with pytest.raises(NotFound):
        repository.open_payload(payload)
    assert [(one.op, "Ada" in one.json) for one in repository.feed() if one.id == id_][-1] == ("DEL", False)
    with repository.begin() as tx:  # the same place with the same content is still known, and nothing comes back
        again, _ = tx.keep_uploads("S001-1", "S001", bodies, payload)
        assert again == ids
        assert tx.erase_customer(id_).versions == 3
    with pytest.raises(NotFound), repository.begin() as tx:
        tx.erase_customer("0197a000-0000-7000-8000-000000000000")


def test_a_payload_that_an_exchange_holds_stays(repository: Repository) -> None:
    with repository.begin() as tx:
        payload = tx.store_payload(b"a file")
        tx.open_exchange(direction="in", payload=payload, filename="f", partner="p")
        assert tx.drop_payloads([payload.sha256, "0" * 64]) == 0
    assert repository.open_payload(payload.sha256).read() == b"a file"
