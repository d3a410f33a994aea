"""A card holds exactly as it was issued: not altered, not by another key, not too late, not when it was revoked."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hub.cards import base45, cose
from hub.cards.keys import ROOT_DAYS, STORE_DAYS, CardKeys
from hub.cards.records import Card, Certificate, bytes_of, text_of
from hub.cards.revocations import Revocations
from hub.cards.verify import SKEW, Trust, verify
from hub.errors import ConfigurationError
from tests.card_keys import published_of, trust_in

DAY = timedelta(days=1)
_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_CUSTOMER = "0197a3c2-5e4c-7dd3-aafa-8a2dff7b0627"


def test_a_card_of_the_hub_and_one_of_a_store_hold(keys, write, now):
    for store in ("", "S001"):
        verdict = verify(text_of(write(store)), trust_in(keys), None, now)
        assert (verdict.refused, verdict.store) == ("", store)
        assert verdict.card is not None
        assert (verdict.card.number, verdict.card.tier, verdict.card.rights, verdict.card.seq) == (17, 2, 500, 3)
        assert verdict.card.expires == now + 30 * DAY


def test_no_byte_of_a_card_may_differ(keys, write, now):
    card, trust = write("S001"), trust_in(keys)
    assert verify(card, trust, None, now).refused == ""
    for place in range(len(card)):
        for change in (1, 0x20, 0x80, 0xFF):
            altered = bytearray(card)
            altered[place] ^= change
            assert verify(bytes(altered), trust, None, now).refused, f"byte {place} changed by {change:02x}"
        assert verify(card[:place], trust, None, now).refused == "unreadable"
        assert verify(card[:place] + b"\0" + card[place:], trust, None, now).refused


def test_the_same_content_in_another_encoding_is_refused(keys, write, now):
    tag = cbor2.loads(write())
    protected, _, payload, signature = tag.value
    others = [
        cbor2.dumps(tag.value),
        cbor2.dumps(cbor2.CBORTag(18, [protected, {1: 2}, payload, signature])),
        cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature + b"\0"])),
        write().replace(b"\x58\x40", b"\x59\x00\x40"),
    ]
    assert cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature])) == write()
    assert {verify(one, trust_in(keys), None, now).refused for one in others} == {"unreadable"}


@given(st.one_of(st.binary(max_size=600), st.text(max_size=600), st.text("HUBC1: $%*+-./0A", max_size=300)))
def test_anything_may_be_shown(shown):
    verdict = verify(shown, Trust([]), None, _NOW)
    assert verdict.refused in ("unreadable", "unknown_key")


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=40))
def test_every_text_has_one_reading(text):
    try:
        data = base45.decode(text)
    except ValueError:
        return
    assert base45.encode(data) == text


@given(st.binary(max_size=200))
def test_base45_there_and_back(data):
    assert base45.decode(base45.encode(data)) == data


def test_base45_is_that_of_the_rfc():
    # RFC 9285, section 4.3 and 4.4.
    for plain, text in (
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
    ):
        assert base45.encode(plain) == text
        assert base45.decode(text) == plain
    for wrong in ("GGW", "::", "A", "a00"):
        with pytest.raises(ValueError, match="base45"):
            base45.decode(wrong)


def test_the_times_of_a_card_and_a_wrong_clock(keys, write, now):
    card, trust = write(), trust_in(keys)
    second = timedelta(seconds=1)
    for at, refused in (
        (now - SKEW, ""),
        (now - SKEW - second, "not_yet_valid"),
        (now + 30 * DAY + SKEW - second, ""),
        (now + 30 * DAY + SKEW, "expired"),
    ):
        assert verify(card, trust, None, at).refused == refused


def test_a_key_that_nobody_knows_and_one_that_the_hub_did_not_certify(tmp_path, write, keys, now):
    card = write("S001")
    other = CardKeys(tmp_path / "other")
    other.rotate("S001", now)
    assert verify(card, trust_in(other), None, now).refused == "unknown_key"
    # A certificate that another hub signed does not count, though the root is known.
    roots, _ = published_of(keys)
    _, certificates = published_of(other)
    mine = cose.sign(Card(1, _CUSTOMER, 0, 0, 1, now, now).fields(), cose.CARD, other.newest("S001").private())
    assert verify(mine, Trust(roots, certificates), None, now).refused == "unknown_key"


def test_a_store_key_signs_cards_and_nothing_else(keys, write, now):
    write("S001")
    store = keys.newest("S001").private()
    thief = Ed25519PrivateKey.generate()
    forged = Certificate("S009", thief.public_key().public_bytes_raw(), now, now + 90 * DAY, 2**32 - 1)
    roots, certificates = published_of(keys)
    trust = Trust(roots, [*certificates, cose.sign(forged.fields(), cose.CERTIFICATE, store)])
    card = Card(9, _CUSTOMER, 0, 0, 1, now, now + DAY)
    assert verify(cose.sign(card.fields(), cose.CARD, thief), trust, None, now).refused == "unknown_key"
    for kind in (cose.CERTIFICATE, cose.REVOCATIONS):
        assert verify(cose.sign(card.fields(), kind, store), trust, None, now).refused == "altered"
    # A self-signed certificate of a store is none of the hub's own.
    own = cose.sign(forged.fields(), cose.CERTIFICATE, thief)
    signed = cose.sign(card.fields(), cose.CARD, thief)
    assert verify(signed, Trust([own], []), None, now).refused == "unknown_key"


def test_a_store_key_cannot_give_more_than_its_cap_nor_outlive_its_certificate(keys, write, now):
    keys.rotate("S001", now, 500)
    assert verify(write("S001", rights=500), trust_in(keys), None, now).refused == ""
    assert verify(write("S001", rights=501), trust_in(keys), None, now).refused == "above_cap"
    assert verify(write("", rights=501), trust_in(keys), None, now).refused == ""
    late = write("S001", expires=now + (STORE_DAYS + 1) * DAY)
    assert verify(late, trust_in(keys), None, now).refused == "outside_key"
    assert verify(write("S001", issued=now - DAY), trust_in(keys), None, now).refused == "outside_key"


def test_after_a_change_of_keys_the_old_cards_hold_until_their_key_ends(keys, write, now):
    old_root, old_store = write(""), write("S001")
    first = keys.newest("S001").id
    keys.rotate("", now + DAY)
    assert keys.rotate("S001", now + DAY).id != first
    new = write("S001", issued=now + DAY)
    for card in (old_root, old_store, new):
        assert verify(card, trust_in(keys), None, now + DAY).refused == ""
    # The new key of the store hangs on the new one of the hub: a till that only knows the old root refuses it.
    roots, certificates = published_of(keys)
    assert verify(new, Trust(roots[1:], certificates), None, now + DAY).refused == "unknown_key"
    assert verify(old_store, Trust(roots[1:], certificates), None, now + DAY).refused == ""


def test_a_key_is_made_before_the_old_one_would_be_outlived(keys, now):
    first = keys.signer("S001", now, now + 30 * DAY)
    assert keys.signer("S001", now + 59 * DAY, now + 89 * DAY).id == first.id
    assert keys.signer("S001", now + 61 * DAY, now + 91 * DAY).id != first.id
    with pytest.raises(ConfigurationError, match=f"at most {STORE_DAYS} days"):
        keys.signer("S001", now, now + (STORE_DAYS + 1) * DAY)
    with pytest.raises(ConfigurationError, match=f"at most {ROOT_DAYS} days"):
        keys.signer("", now, now + (ROOT_DAYS + 1) * DAY)


def test_a_retired_key_is_believed_no_more(keys, write, now):
    card, other = write("S001"), write("S002")
    keys.retire(keys.newest("S001").id)
    assert verify(card, trust_in(keys), None, now).refused == "unknown_key"
    assert verify(other, trust_in(keys), None, now).refused == ""
    keys.retire(keys.newest("").id)
    assert verify(other, trust_in(keys), None, now).refused == "unknown_key"
    assert keys.rotate("S001", now).file.name == "card-store-S001-0002.pem"
    with pytest.raises(ConfigurationError, match="no card key"):
        keys.retire("00000000")


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_only_the_owner_can_read_a_key(keys, now):
    key = keys.rotate("", now)
    assert key.file.stat().st_mode & 0o777 == 0o600
    key.file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="others than its owner"):
        key.private()
    key.file.write_bytes(b"?")
    with pytest.raises(ConfigurationError, match="not the private key"):
        key.private()


def test_a_kill_between_a_key_and_its_certificate_leaves_nothing_in_the_way(keys, now):
    keys.rotate("", now).file.with_suffix(".cert").unlink()
    assert keys.newest("") is None
    assert keys.signer("", now, now + DAY).file.name == "card-root-0002.pem"


def test_every_card_fits_the_smallest_chip(write, keys, now):
    largest = write(number=2**32 - 1, tier=23, rights=2**32 - 1, seq=2**16 - 1)
    assert len(largest) <= 130
    assert len(write()) == 122
    ten = {1: 481_516, 2: 42, 3: 4_711, 4: 2, 5: 500, 6: 3, 7: 1, 8: 978, 9: 1_772_366_400, 10: 1_774_958_400}
    assert len(cose.sign(ten, cose.CARD, keys.newest("").private())) <= 125
    for field, value in (("number", 0), ("tier", 24), ("rights", -1), ("seq", 2**16)):
        with pytest.raises(ValueError, match=field):
            dataclasses.replace(Card(1, _CUSTOMER, 0, 0, 1, now, now), **{field: value})


def test_text_and_bytes_are_one(write):
    assert bytes_of(text_of(write()) + "\r\n") == write()


def test_a_damaged_certificate_is_named(keys, tmp_path: Path, now):
    file = keys.rotate("", now).file.with_suffix(".cert")
    file.write_bytes(b"\xd2" + file.read_bytes()[:40])
    with pytest.raises(ConfigurationError, match="cannot be read") as raised:
        trust_in(keys)
    assert raised.value.file == str(file)


def test_revoked(keys, write, now):
    revoked = Revocations.of(1, now, [3, 17])
    assert verify(write(), trust_in(keys), revoked, now).refused == "revoked"
    assert verify(write(number=18), trust_in(keys), revoked, now).refused == ""
    assert verify(write(number=4_000_000_000), trust_in(keys), revoked, now).refused == ""
