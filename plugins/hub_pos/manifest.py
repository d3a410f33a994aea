"""A checkpoint manifest as the hub signs it: which segments lead from where the replica stands to the end.

Nothing of a manifest is believed before its signature is checked, and nothing of a segment before its hash is.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from hub_pos.errors import CheckpointRefused, Replayed, SegmentDamaged, SignatureRefused
from hub_pos.sealed import SealedSegment, opened

_STEP = timedelta(minutes=10)
"""What the hub's clock may be put back by without its manifests being taken for old ones."""

SIGNED = b"hub-manifest-1\n"
"""What stands before the manifest's bytes when they are signed, so that no other signed thing can pass for one."""


def verified(answer: Mapping[str, Any], keys: Mapping[str, str], node: str) -> dict[str, Any]:
    """The manifest of an answer ``{"manifest", "key", "signature"}``, signed by one of the hub's ``keys`` (key id →
    public key, base64) and made for ``node``. Raises ``SignatureRefused``."""
    _, manifest = signed(answer, "manifest", SIGNED, keys)
    if manifest.get("node") != node:
        raise SignatureRefused(f"the manifest was made for node {manifest.get('node')!r}, this one is {node!r}")
    return manifest


def signed(answer: Mapping[str, Any], name: str, prefix: bytes, keys: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The text and the object under ``name`` of an answer that has its ``key`` and ``signature`` beside it; ``prefix``
    stands before the text where it is signed. Raises ``SignatureRefused``."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        text, key = str(answer[name]), keys[str(answer["key"])]
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
        public.verify(base64.b64decode(str(answer["signature"]), validate=True), prefix + text.encode())
        found = json.loads(text)
        if not isinstance(found, dict):
            raise TypeError(f"a {name} is an object")
    except KeyError as problem:
        raise SignatureRefused(
            f"the {name} is not signed with a key of this hub that is known here: {problem}"
        ) from None
    except (InvalidSignature, binascii.Error, ValueError, TypeError) as problem:
        raise SignatureRefused(
            f"the {name} is not what the hub signed ({type(problem).__name__}): it was changed on its way"
        ) from None
    return text, found


def fresh(manifest: Mapping[str, Any], cursor: Mapping[str, Any]) -> None:
    """Raises ``Replayed`` for a manifest that is older than what the replica has accepted (its ``cursor``) from the
    same epoch. A hub that was restored and leads back is newer by its time, so it is not refused."""
    if manifest["epoch"] != cursor["epoch"] or not cursor["as_of"] or not manifest.get("as_of"):
        return
    try:
        behind = datetime.fromisoformat(cursor["as_of"]) - datetime.fromisoformat(manifest["as_of"])
    except (TypeError, ValueError) as problem:
        raise CheckpointRefused(f"this is no manifest of the hub: {problem!r}") from problem
    if behind > _STEP or (behind >= timedelta(0) and int(manifest["last"]) < cursor["seq"]):
        raise Replayed(
            f"this was signed for the state of {manifest['as_of']} (position {manifest['last']}), the replica is as of"
            f" {cursor['as_of']} (position {cursor['seq']}) already: an old answer is sent again, the stick is an old"
            " one (export it again), or the hub's clock was put back"
        )


def checkpoint_of(manifest: Mapping[str, Any], fetch: Callable[[str], bytes]) -> dict[str, Any]:
    """The manifest as a checkpoint for ``Replica.apply``. ``fetch`` gives a segment's bytes by digest; each is read,
    checked and unpacked when its turn comes, one at a time."""
    try:
        segments = [{**listed, "load": partial(_load, listed, fetch)} for listed in manifest["segments"]]
    except (KeyError, TypeError) as problem:
        raise CheckpointRefused(f"this is no manifest of the hub: {problem!r}") from problem
    return {**manifest, "segments": segments}


def _load(listed: Mapping[str, Any], fetch: Callable[[str], bytes]) -> SealedSegment:
    bucket, first, last, snapshot = listed["bucket"], listed["first"], listed["last"], bool(listed["snapshot"])
    if not listed["digest"]:
        # A bucket that holds nothing yet has no bytes.
        return SealedSegment(bucket, first, last, 0, snapshot, ())
    data = fetch(listed["digest"])
    checked(data, listed["digest"])
    segment = opened(data)
    if (segment.bucket, segment.first, segment.last, segment.snapshot) != (bucket, first, last, snapshot):
        raise SegmentDamaged(f"segment {listed['digest'][:12]} is of {segment.bucket}, its manifest says {bucket}")
    return segment


def checked(data: bytes, digest: str) -> None:
    """Raises ``SegmentDamaged`` unless ``digest`` is the SHA-256 of ``data``."""
    if sha256(data).hexdigest() != digest:
        raise SegmentDamaged(
            f"segment {digest[:12]} does not have the hash that is its name: it was changed or cut off"
        )
