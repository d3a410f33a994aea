"""``POST /sync/verify``: a node compares what it holds with what it must hold.

The answers are signed as manifests are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hub.api.nodes import body_of, own
from hub.api.refusals import Refused, object_of
from hub.api.service import Service
from hub.errors import HubError
from hub.replication.manifests import signed
from hub.replication.proof import Prover
from hub.replication.proved import note

log = logging.getLogger("hub.api")

VERIFY_BYTES = 1 << 20
WAITING = 16
"""Nodes that wait for the one comparison at a time; more are sent away for a while."""


class Proving:
    """Answers one node at a time; most of the work is shared by all that stand at one position."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._prover = Prover(service.repo)
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def verify(self, request: Request) -> Response:
        """One question of a node."""
        body = await body_of(request, VERIFY_BYTES)
        node = self._service.gate.admit(request, body)
        question = _question(body)
        own(node, question)
        keys = question.get("keys", [])
        scope = self._service.scope_of(node)
        if self._waiting >= WAITING:
            raise Refused(503, "later", "many nodes are comparing just now")
        self._waiting += 1
        try:
            async with self._turn:
                answer = await run_in_threadpool(self._answer, node.id, question, scope.wanted)
        finally:
            self._waiting -= 1
        # The question's hash inside: an answer recorded earlier must not pass for this one.
        told = {"asked": sha256(body).hexdigest(), **answer}
        text = signed(self._service.keys, node.id, node.store, told, [str(one) for one in keys])
        return Response(text, media_type="application/json")

    def _answer(self, node: str, question: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
        try:
            answer = self._prover.answer(question, wanted)
        except (ValueError, AttributeError, TypeError) as problem:
            raise Refused(400, "shape", str(problem)[:300]) from None
        if "differ" in answer:
            try:
                note(self._service.repo, node, question["cursor"]["seq"], answer["differ"])
            except HubError as problem:
                log.warning("that %s was compared was not written down: %s", node, problem)
        return answer


def _question(body: bytes) -> dict[str, Any]:
    data = object_of(body)
    if not isinstance(data.get("keys", []), list):
        raise Refused(400, "shape", '"keys" is a list of key ids')
    return data
