"""The hub's card keys and its list of revoked cards, kept beside the replica: ``S001.card-keys.json`` and
``S001.card-revocations``.

They come with every pull, over the line or on a stick. The keys are signed by the hub's signing key, which this
node has known since it registered; the list by a card key. Older ones never replace newer ones.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hub_pos.card import CardKeys, Revocations
from hub_pos.card_record import CardsUnavailable
from hub_pos.durable import write_whole
from hub_pos.errors import SignatureRefused

SIGNED = b"hub-card-keys-1\n"
KEYS, LIST = "card-keys.json", "card-revocations"
"""The endings of the files here, and their names on a stick."""

Get = Callable[[str, str], bytes | None]
"""Fetches ``keys`` or ``revocations``, unless what is held (its ETag) is still the newest; None where it is, or where
the hub has none."""


def kept(replica: Path | str) -> tuple[CardKeys, Revocations | None]:
    """What is kept here: the keys, and the list if one came. Raises ``CardsUnavailable`` where no keys came yet."""
    place = Path(replica)
    file = _beside(place, KEYS)
    if not file.exists():
        raise CardsUnavailable(f"{file} is missing: the hub's card keys come with the next pull after it issued a card")
    try:
        keys = _keys_of(json.loads(json.loads(file.read_bytes())["cards"]))
    except (OSError, ValueError, LookupError, TypeError) as problem:
        raise CardsUnavailable(f"{file} is damaged ({problem}): remove it, and pull again") from problem
    return keys, _list_of(_beside(place, LIST), keys)


def fetch(replica: Path | str, hub_keys: Mapping[str, str], get: Get) -> None:
    """Bring both up to date. Raises ``SignatureRefused`` for what is not the hub's; what was kept stays then."""
    if find_spec("cbor2") is None:
        return  # a till without the extra checks no cards
    place = Path(replica)
    _take_keys(_beside(place, KEYS), hub_keys, get)
    file = _beside(place, LIST)
    data = get("revocations", _tag(file)) if _beside(place, KEYS).exists() else None
    if data is None:
        return
    keys, held = kept(place)
    try:
        made = Revocations.parse(data, keys)
    except CardsUnavailable as problem:
        raise SignatureRefused(f"the list of revoked cards that came is not the hub's: {problem}") from problem
    if held is None or made.seq > held.seq:
        write_whole(file, data)


def carried(replica: Path | str, hub_keys: Mapping[str, str], folder: Path) -> None:
    """Take both from a stick, where they are there. Raises as ``fetch``."""

    def get(name: str, _tag: str) -> bytes | None:
        file = folder / (KEYS if name == "keys" else LIST)
        return file.read_bytes() if file.is_file() else None

    fetch(replica, hub_keys, get)


def _take_keys(file: Path, hub_keys: Mapping[str, str], get: Get) -> None:
    data = get("keys", _tag(file))
    if data is None:
        return
    sent = _verified(data, hub_keys)
    held = -1
    if file.exists():
        try:
            held = int(json.loads(json.loads(file.read_bytes())["cards"])["seq"])
        except (ValueError, LookupError, TypeError):
            held = -1  # damaged here: whatever the hub signed is better
    if int(sent["seq"]) > held:
        write_whole(file, data)


def _verified(data: bytes, hub_keys: Mapping[str, str]) -> dict[str, Any]:
    """The keys that came, signed by one of the hub's signing keys that this node knows."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        answer = json.loads(data)
        text, signatures = str(answer["cards"]), dict(answer["signatures"])
        known = next(name for name in signatures if name in hub_keys)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(hub_keys[known]))
        public.verify(base64.b64decode(signatures[known], validate=True), SIGNED + text.encode())
        sent: dict[str, Any] = json.loads(text)
        _keys_of(sent)
        int(sent["seq"])
    except StopIteration:
        raise SignatureRefused("the card keys that came are not signed with a key of this hub that is known") from None
    except (InvalidSignature, ValueError, LookupError, TypeError, CardsUnavailable) as problem:
        raise SignatureRefused(f"the card keys that came are not the hub's ({type(problem).__name__})") from None
    return sent


def _keys_of(content: Mapping[str, Any]) -> CardKeys:
    roots, certificates = ([base64.b64decode(one) for one in content[part]] for part in ("roots", "certificates"))
    return CardKeys(roots, certificates)


def _list_of(file: Path, keys: CardKeys) -> Revocations | None:
    """The list that is kept, None where there is none or where the key that signed it does not count any more."""
    try:
        return Revocations.parse(file.read_bytes(), keys)
    except (FileNotFoundError, CardsUnavailable):
        return None


def _beside(replica: Path, name: str) -> Path:
    return replica.with_name(f"{replica.stem}.{name}")


def _tag(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest() if file.exists() else ""
