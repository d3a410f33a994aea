"""A checkpoint as a signed manifest for one node (``PROTOCOL.md``, section 6)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hub.replication.signing import HubKeys


def signed(keys: HubKeys, node: str, store: str, checkpoint: Mapping[str, Any], known: Sequence[str]) -> bytes:
    """A checkpoint as a signed manifest for one node: ``{"manifest", "key", "signature"}``. It is signed with a key
    that the node knows, and names all keys of the hub where the node does not know the newest."""
    manifest = {"format": 1, "node": node, "store": store, **checkpoint}
    if keys.newest not in known:
        manifest["keys"] = keys.public()
    text = json.dumps(manifest, ensure_ascii=False, separators=(",", ":"))
    key = keys.choose(known)
    answer = {"manifest": text, "key": key, "signature": keys.sign(text.encode(), key)}
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
