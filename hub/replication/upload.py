"""The shape of an upload: bytes from a store taken apart into entries, bounded in size, count and depth."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.errors import DocumentRejected
from hub.findings import error

if TYPE_CHECKING:
    from hub.repository.uploads import UploadEntry

MAX_BYTES = 8_000_000
MAX_DOCUMENTS = 1_000
MAX_SEQ = 2**53
"""Bounds of one upload. A till sends less (``PROTOCOL.md``); one that sends more is told to halve it."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload: its bytes, the node that sent it, its entries in order; the id of the node's outbox ('' where it did
    not say) and what it needed of credit and points, as it came."""

    data: bytes
    node: str
    entries: tuple[UploadEntry, ...]
    outbox: str = ""
    demand: Any = None


def read_upload(upload: bytes | Mapping[str, Any]) -> Upload:
    """Take an upload apart (bytes as they came, or the JSON object that they hold). Raises ``DocumentRejected`` where
    it is none as a whole; an entry that is wrong in itself is an entry all the same."""
    data = upload if isinstance(upload, bytes) else json.dumps(upload, separators=(",", ":")).encode()
    if len(data) > MAX_BYTES:
        raise _no(f"an upload has at most {MAX_BYTES} bytes, not {len(data)}: send it in parts", "return.too_large")
    try:
        held = json.loads(data)
    except (ValueError, RecursionError):
        raise _no("an upload is a JSON object in UTF-8", "return.not_json") from None
    node = held.get("node") if isinstance(held, dict) else None
    documents = held.get("documents") if isinstance(held, dict) else None
    if not isinstance(node, str) or not 0 < len(node) <= 130 or not isinstance(documents, list):
        raise _no('an upload has a "node" (text) and "documents" (a list)', "return.shape")
    if len(documents) > MAX_DOCUMENTS:
        raise _no(f"an upload has at most {MAX_DOCUMENTS} documents: send it in parts", "return.too_many")
    outbox = _text(held, "outbox")
    named = outbox if _UUID.fullmatch(outbox) else ""
    return Upload(data, node, tuple(_entry(one) for one in documents), named, held.get("demand"))


def _entry(held: Any) -> UploadEntry:
    from hub.repository.uploads import UploadEntry

    given: dict[str, Any] = held if isinstance(held, dict) else {"body": held}
    seq = given.get("seq")
    place = seq if type(seq) is int and 0 < seq <= MAX_SEQ else 0
    # ASCII with escapes: a NUL or half a surrogate pair is kept as it came, and fits every database.
    body = json.dumps(given.get("body"), separators=(",", ":"))
    kind, document = _text(given, "kind"), _text(given, "id")
    content = json.dumps([kind, document, given.get("body")], separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return UploadEntry(place, document, kind, body, digest, _text(given, "created_at"), _text(given, "clock"))


def _text(held: Mapping[str, Any], name: str) -> str:
    value = held.get(name)
    return value if isinstance(value, str) else ""


def _no(message: str, code: str) -> DocumentRejected:
    return DocumentRejected(message, [error(code, message)])
