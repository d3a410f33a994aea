"""Refusals: every error is JSON with a code for programs and a sentence for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hub.errors import DocumentRejected, HubError, TemporaryError

log = logging.getLogger("hub.api")

Endpoint = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """A request that is answered with an error: HTTP status, code, sentence, and more for programs."""

    def __init__(self, status: int, code: str, message: str, **more: int) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more


def answer(data: object, status: int = 200) -> Response:
    """JSON, compact."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    return Response(text, status, media_type="application/json")


def refusal(status: int, code: str, message: str, **more: int) -> Response:
    """An error as JSON. What may succeed later says when to try again."""
    response = answer({"error": {"code": code, "message": message, **more}}, status)
    if status in (429, 503):
        response.headers["Retry-After"] = "10"
    return response


def guarded(endpoint: Endpoint) -> Endpoint:
    """Turn what an endpoint raises into answers; nothing of the hub's inside is shown to the other end."""

    @wraps(endpoint)
    async def run(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Refused as problem:
            return refusal(problem.status, problem.code, problem.message, **problem.more)
        except ClientDisconnect:
            return refusal(400, "cut_off", "the request ended before its body did")
        except TemporaryError as problem:
            log.warning("%s: %s", request.url.path, problem)
            return refusal(503, "later", "the hub is busy; try again later")
        except DocumentRejected as problem:
            return refusal(422, "rejected", str(problem))
        except HubError as problem:
            log.error("%s: %s", request.url.path, problem)
            return refusal(500, "hub", "the hub needs its operator; try again later")

    return run


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of a request. Raises ``Refused``."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refused(400, "shape", "the body is a JSON object in UTF-8")
    return data
