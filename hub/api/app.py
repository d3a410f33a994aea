"""The application: which request goes where, and within which bounds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from hub.api.authorizations import Authorizations
from hub.api.cards import Cards
from hub.api.nodes import body_of, own
from hub.api.proving import Proving
from hub.api.refusals import Refused, answer, guarded, object_of, refusal
from hub.api.service import Service, Unsent
from hub.errors import HubError
from hub.replication.catalog import Cursor
from hub.replication.signing import usable

POLL_BYTES = 1 << 20
REGISTER_BYTES = 8 << 10
UPLOAD_BYTES = 8_000_000

UPLOADS_AT_ONCE = 4
REGISTRATIONS_AT_ONCE = 4

_TICK_SECONDS = 0.25
_REFRESH_EVERY, _SAVE_EVERY, _WATCH_EVERY = 4, 20, 120
"""In ticks: what other processes registered or edited is looked at every second, where nodes stand is written down
every 5, and alarms are looked for every 30. What was sealed is looked at with every tick."""

_MANY = 1 << 31
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


def application(service: Service) -> FastAPI:
    """The server of one hub."""
    app = FastAPI(title="hub", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(service))
    endpoints = _Endpoints(service)
    app.add_route("/sync/poll", guarded(endpoints.poll), methods=["POST"])
    app.add_route("/sync/verify", guarded(Proving(service).verify), methods=["POST"])
    app.add_route("/segments/{digest}", guarded(endpoints.segment), methods=["GET", "HEAD"])
    app.add_route("/uploads", guarded(endpoints.uploads), methods=["POST"])
    app.add_route("/authorizations", guarded(Authorizations(service).ask), methods=["POST"])
    app.add_route("/cards/certificate", guarded(Cards(service).certificate), methods=["POST"])
    app.add_route("/nodes/register", guarded(endpoints.register), methods=["POST"])
    app.add_route("/health", guarded(endpoints.health), methods=["GET", "HEAD"])
    app.add_exception_handler(404, _unknown)
    app.add_exception_handler(405, _unknown)
    return app


async def _unknown(request: Request, _problem: Exception) -> Response:
    return refusal(404, "unknown", f"there is no {request.method} {request.url.path[:200]} here")


def _lifespan(service: Service) -> Any:
    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(service.refresh)
        with suppress(HubError):
            await run_in_threadpool(service.watch)
        task = asyncio.create_task(_watch(service))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await run_in_threadpool(service.save)

    return run


async def _watch(service: Service) -> None:
    count = 0
    while True:
        await asyncio.sleep(_TICK_SECONDS)
        count += 1
        # A database that is away for a while must not end the watching; soon it is asked again.
        with suppress(HubError):
            await run_in_threadpool(service.refresh_sealed if count % _REFRESH_EVERY else service.refresh)
            if count % _WATCH_EVERY == 0:
                await run_in_threadpool(service.watch)
        if count % _SAVE_EVERY == 0:
            await run_in_threadpool(service.save)


class _Endpoints:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._uploading = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._registering = asyncio.Semaphore(REGISTRATIONS_AT_ONCE)

    async def poll(self, request: Request) -> Response:
        body = await body_of(request, POLL_BYTES)
        node = self._service.gate.admit(request, body)
        data = object_of(body)
        own(node, data)
        cursor = _cursor(data)
        keys = data.get("keys", [])
        if not isinstance(keys, list) or not all(isinstance(one, str) for one in keys):
            raise Refused(400, "shape", '"keys" is a list of key ids')
        found = self._service.poll(node, cursor, keys, _unsent(data))
        if found is None:
            self._service.scope_of(node)
            raise Refused(503, "not_sealed", "the hub has not sealed yet what this store needs")
        return Response(found, media_type="application/json")

    async def segment(self, request: Request) -> Response:
        digest = str(request.path_params["digest"])
        node = self._service.gate.admit(request, b"")
        if not self._service.may_take(node, digest):
            raise Refused(404, "segment", "there is no such segment for this store; poll again")
        data = self._service.blob(digest)
        if data is None:
            path = self._service.shelf.path(digest)
            try:
                data = await run_in_threadpool(path.read_bytes)
            except FileNotFoundError:
                raise Refused(404, "segment", "the segment is not kept any more; poll again") from None
            self._service.remember(digest, data)
        response = _ranged(request, digest, data)
        self._service.sent(node, len(response.body))
        return response

    async def uploads(self, request: Request) -> Response:
        from hub.cards.shown import card_shown
        from hub.replication.intake import take

        async with self._uploading:
            body = await body_of(request, UPLOAD_BYTES)
            node = self._service.gate.admit(request, body)
            data = object_of(body)
            if node.id != node.store:  # a store's server also brings what its terminals have written
                own(node, data)
            service, scope = self._service, self._service.scope_of(node)
            now, told = datetime.now(UTC), service.authorizations
            work = partial(take, service.repo, scope.store, body, now, service.policies, card_shown, told)
            return answer(await run_in_threadpool(work))

    async def register(self, request: Request) -> Response:
        async with self._registering:
            data = object_of(await body_of(request, REGISTER_BYTES))
            node, token, key = (data.get(name) for name in ("node", "token", "public_key"))
            if not isinstance(node, str) or not isinstance(token, str) or not isinstance(key, str):
                raise Refused(400, "shape", "a registration has a node, its token and its public_key")
            if not usable(key):
                raise Refused(400, "key", "public_key is no Ed25519 public key in base64 (32 bytes)")
            known = await run_in_threadpool(self._service.repo.retrying, lambda tx: tx.register_node(node, token, key))
            if not known:
                raise Refused(
                    403, "token", "the token is not this node's, or was used, or is too old: hub store add-node"
                )
            await run_in_threadpool(self._service.refresh)
            keys = self._service.keys.public()
            return answer({"node": node, "keys": keys, "time": self._service.health()["time"]})

    async def health(self, _request: Request) -> Response:
        return answer(self._service.health(), 200 if self._service.catalog.ready else 503)


def _cursor(data: dict[str, Any]) -> Cursor:
    try:
        place = data["cursor"]
        buckets = frozenset(place["buckets"])
        if not all(isinstance(one, str) for one in buckets):
            raise TypeError("buckets are texts")
        seq, schema = place["seq"], data["schema"]
        if type(seq) is not int or type(schema) is not int:
            raise TypeError("seq and schema are integers")
        return Cursor(
            epoch=str(data["epoch"]),
            seq=seq,
            schema=schema,
            buckets=buckets,
            numbered=data.get("numbered") is True,
            reload=data.get("reload") is True,
        )
    except (KeyError, TypeError) as problem:
        raise Refused(400, "shape", f"a poll has epoch, schema and cursor with seq and buckets: {problem}") from None


def _unsent(data: dict[str, Any]) -> Unsent | None:
    said = data.get("outbox")
    if said is None:
        return None
    try:
        waiting, age = said["waiting"], said["age"]
        if type(waiting) is not int or type(age) is not int or not (0 <= waiting < _MANY and 0 <= age < _MANY):
            raise TypeError("both are whole numbers that are not negative")
    except (KeyError, TypeError) as problem:
        raise Refused(400, "shape", f'"outbox" has waiting and age in seconds: {problem}') from None
    return Unsent(waiting, timedelta(seconds=age))


def _ranged(request: Request, digest: str, data: bytes) -> Response:
    """The segment, or the part that was asked for. Its name is its content, so it may be kept for ever."""
    tag = f'"{digest}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=31536000, immutable", "Accept-Ranges": "bytes"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if found is None or request.headers.get("if-range", tag) != tag:
        return Response(data, headers=headers, media_type="application/zstd")
    first = int(found[1])
    last = min(int(found[2]) if found[2] else len(data), len(data) - 1)
    if first >= len(data) or last < first:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, headers, "application/zstd")
