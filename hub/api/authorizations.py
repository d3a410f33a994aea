"""``POST /authorizations``: a till asks whether an operation may go on. The answer is signed as manifests are."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hub.api.nodes import body_of, own
from hub.api.refusals import Refused, answer, object_of
from hub.api.service import Service
from hub.authorizations.deciding import Asking, decide
from hub.replication.signing import AUTHORIZATION

ASK_BYTES = 64 << 10
ASKED_AT_ONCE = 4


class Authorizations:
    """Answers the questions of nodes."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._asking = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(self, request: Request) -> Response:
        """One question of a node."""
        body = await body_of(request, ASK_BYTES)
        service = self._service
        node = service.gate.admit(request, body)
        question = _question(body)
        own(node, question)
        scope = service.scope_of(node)
        asking = Asking(node.id, node.store, scope.store.mode, question["outbox"])
        asked, now = question.get("authorization"), datetime.now(UTC)
        async with self._asking:
            text = await run_in_threadpool(partial(decide, service.repo, asking, asked, now, service.authorizations))
        key = service.keys.choose(question["keys"])
        return answer({"decision": text, "key": key, "signature": service.keys.sign(text.encode(), key, AUTHORIZATION)})


def _question(body: bytes) -> dict[str, Any]:
    data = {"keys": [], "outbox": "", **object_of(body)}
    keys = data["keys"]
    if (
        not isinstance(keys, list)
        or not all(isinstance(one, str) for one in keys)
        or not isinstance(data["outbox"], str)
    ):
        raise Refused(400, "shape", '"keys" is a list of key ids, "outbox" the id of the outbox')
    return data
