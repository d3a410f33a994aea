"""``POST /cards/certificate``: a till has its card key certified, if its store may write cards."""

from __future__ import annotations

import base64
import binascii
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hub.api.nodes import body_of, own
from hub.api.refusals import Refused, answer, object_of
from hub.api.service import Service
from hub.cards.certifying import Asked, TooManyKeys, certify
from hub.cards.keys import CardKeys

ASK_BYTES = 8 << 10


class Cards:
    """Certifies the keys of nodes."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._keys = CardKeys(service.keys.folder)

    async def certificate(self, request: Request) -> Response:
        """The certificate of one key."""
        body = await body_of(request, ASK_BYTES)
        node = self._service.gate.admit(request, body)
        data = object_of(body)
        own(node, data)
        public = _public(data.get("public"))
        scope = self._service.scope_of(node)
        if scope.store.cards is None:
            raise Refused(403, "cards", f"store {node.store} writes no cards: stores.toml does not say how many rights")
        asked = Asked(node.id, node.store, public, scope.store.cards)
        try:
            work = partial(self._service.repo.retrying, lambda tx: certify(tx, self._keys, asked))
            signed = await run_in_threadpool(work)
        except TooManyKeys as problem:
            raise Refused(403, "cards", str(problem)) from None
        return answer({"node": node.id, "certificate": base64.b64encode(signed).decode()})


def _public(text: object) -> bytes:
    try:
        public = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        public = b""
    if len(public) != 32:
        raise Refused(400, "key", "public is no Ed25519 public key in base64 (32 bytes)")
    return public
