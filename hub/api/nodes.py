"""Who asks: signed requests, each accepted once."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from hub.api.refusals import Refused
from hub.replication.signing import request_text, signed_by

SKEW = 300.0
"""Seconds that a node's clock may be off. For so long a request's nonce is remembered."""

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NONCES = 20_000
_BODY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Node:
    """A node that may ask."""

    id: str
    store: str
    public_key: str


@dataclass(slots=True)
class Gate:
    """Knows the nodes, and which requests were seen. A replay is refused as long as its time would pass; requests
    signed before this server started are refused too, because what an earlier one saw is not known any more."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    started: float = field(default_factory=time.time)
    _seen: dict[str, set[str]] = field(default_factory=dict)
    _order: deque[tuple[float, str, str]] = field(default_factory=deque)

    def admit(self, request: Request, body: bytes) -> Node:
        """The node that signed this request. Raises ``Refused`` (401)."""
        headers = request.headers
        id_, stamp, nonce = headers.get("hub-node", ""), headers.get("hub-time", ""), headers.get("hub-nonce", "")
        node = self.nodes.get(id_)
        if node is None:
            raise Refused(401, "node", "no node of this name may ask; was it registered, or was its key revoked?")
        if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 15) or not _NONCE.fullmatch(nonce):
            raise Refused(401, "signature", "Hub-Time (milliseconds) or Hub-Nonce is missing or malformed")
        path = request.scope["raw_path"].decode("ascii", "replace")
        query = request.scope["query_string"].decode("ascii", "replace")
        text = request_text(request.method, path + (f"?{query}" if query else ""), id_, stamp, nonce, body)
        if not signed_by(node.public_key, headers.get("hub-signature", ""), text):
            raise Refused(401, "signature", "the signature does not fit the request and the node's key")
        self._once(id_, int(stamp) / 1000, nonce)
        return node

    def _once(self, node: str, stamp: float, nonce: str) -> None:
        now = time.time()
        if abs(now - stamp) > SKEW or stamp < self.started:
            message = "the request's time is not the hub's, which comes with this answer; sign it again with that"
            raise Refused(401, "clock", message, time=int(now * 1000) + 1)
        while self._order and self._order[0][0] < now - 2 * SKEW:
            _, old_node, old = self._order.popleft()
            self._seen[old_node].discard(old)
        seen = self._seen.setdefault(node, set())
        if nonce in seen:
            raise Refused(401, "replay", "this request was made before; every request has a nonce of its own")
        if len(seen) >= _NONCES:
            raise Refused(429, "too_many", f"more than {_NONCES} requests of this node in a few minutes")
        seen.add(nonce)
        self._order.append((now, node, nonce))


def own(node: Node, data: Mapping[str, Any]) -> None:
    """Raises ``Refused`` where a request speaks of another node than the one that signed it."""
    if data.get("node") != node.id:
        raise Refused(403, "node", f"the request is signed by {node.id}, and speaks of another node")


async def body_of(request: Request, limit: int) -> bytes:
    """The body, at most ``limit`` bytes and within half a minute. Raises ``Refused`` (413, 408)."""
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and int(stated) > limit:
        raise Refused(413, "too_large", f"the body has {stated} bytes; at most {limit} are taken here")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise Refused(413, "too_large", f"the body is larger than the {limit} bytes taken here")
                parts.append(part)
    except TimeoutError:
        raise Refused(408, "too_slow", f"the body did not arrive within {_BODY_SECONDS:.0f} seconds") from None
    return b"".join(parts)
