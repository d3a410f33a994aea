"""What a call's failure means, decided in one place: which of the hub's three errors, and what happened at the ERP.

Every exception that zeep, requests, urllib3, lxml, ``ssl`` or a converter can raise comes through ``classify``; every
fault, result code and HTTP status comes through ``failure``. Nothing else in this plugin turns a foreign error into
one of ours, and no foreign error leaves the plugin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

from hub.errors import ConfigurationError, DocumentRejected, HubError, TemporaryError
from hub.findings import Finding


class Kind(StrEnum):
    """What the caller may do next. ``retry``: the server did not do the work, the same call may be repeated.
    ``unknown``: the work may or may not have been done; look before repeating. ``session``: log in again.
    ``auth``: a credential or a right is missing. ``not_found``, ``duplicate``, ``invalid``: the server's answer about
    this one document. ``setup``: the endpoint file, the WSDL or the server is set up wrongly."""

    RETRY = "retry"
    UNKNOWN = "unknown"
    SESSION = "session"
    AUTH = "auth"
    NOT_FOUND = "not_found"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    SETUP = "setup"


class CallFailed(TemporaryError):
    """A call that may succeed later. ``kind`` is retry, unknown or session; ``wait`` is the seconds that the server
    asked for (Retry-After), 0 when it did not."""

    def __init__(self, message: str, kind: Kind, wait: float = 0.0) -> None:
        super().__init__(message)
        self.kind = kind
        self.wait = wait


class CallRejected(DocumentRejected):
    """The ERP, or the check before sending, refused this document. ``kind`` is not_found, duplicate or invalid."""

    def __init__(self, message: str, kind: Kind, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message, findings)
        self.kind = kind


class EndpointSetup(ConfigurationError):
    """A person must act before any call can work. ``kind`` is auth or setup."""

    def __init__(
        self, message: str, kind: Kind = Kind.SETUP, hint: str = "", file: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, file=file, line=line, hint=hint)
        self.kind = kind


class DeadlineExceeded(Exception):
    """The whole-call deadline passed; ``sent`` says whether the request had left."""

    def __init__(self, seconds: float, sent: bool) -> None:
        super().__init__(f"no complete answer within {seconds:g} s")
        self.sent = sent


class AnswerRefused(Exception):
    """An answer that may not be looked at further. ``hostile`` marks what no honest ERP sends (DTD, entities)."""

    def __init__(self, reason: str, hostile: bool = False) -> None:
        super().__init__(reason)
        self.hostile = hostile


class ReferenceRefused(Exception):
    """A WSDL or schema points to a place that the hub does not fetch from."""

    def __init__(self, url: str) -> None:
        super().__init__(f"the WSDL refers to {url[:200]!r}, which is neither bundled nor at the WSDL's own address")
        self.url = url


_HINTS = {
    Kind.AUTH: "Check the `credentials` of the endpoint file and the rights of that user in the ERP.",
    Kind.SETUP: "Compare the endpoint file with the ERP's WSDL: address, service, operations and parameter names.",
}


def failure(kind: Kind, message: str, *, hint: str = "", wait: float = 0.0) -> HubError:
    """The hub's error for a failure whose ``kind`` is known (from a fault, a result code or an HTTP status)."""
    if kind in (Kind.RETRY, Kind.UNKNOWN, Kind.SESSION):
        return CallFailed(message, kind, wait)
    if kind in (Kind.AUTH, Kind.SETUP):
        return EndpointSetup(message, kind, hint or _HINTS[kind])
    return CallRejected(message, kind)


def classify(error: BaseException, where: str, mask: Callable[[str], str] = str) -> HubError:
    """The hub's error for any exception raised while calling ``where`` (endpoint and operation, for the message).

    An exception that no rule knows is ``unknown``: it is reported as temporary, never swallowed, and a write is
    looked up before it is repeated. Texts of foreign exceptions are cut, because they can hold a whole envelope, and
    go through ``mask``, which takes the secrets out.
    """
    if isinstance(error, HubError):
        return error
    chain = [(cause, mask(_short(cause))) for cause in _causes(error)]
    for rule in (_own, _never_connected, _network, _libraries):
        for cause, text in chain:
            if found := rule(cause, where, text):
                return found
    return CallFailed(f"{where}: {mask(_short(error))}", Kind.UNKNOWN)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything it wraps: requests and urllib3 keep the reason in ``args`` and ``reason``."""
    seen: set[int] = set()
    queue: list[object] = [error]
    while queue:
        item = queue.pop(0)
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        queue += [getattr(item, "reason", None), *item.args, item.__cause__]


def _own(error: BaseException, where: str, text: str) -> HubError | None:
    if isinstance(error, HubError):
        return error
    if isinstance(error, DeadlineExceeded):
        return CallFailed(f"{where}: {error}", Kind.UNKNOWN if error.sent else Kind.RETRY)
    if isinstance(error, AnswerRefused):
        if error.hostile:
            return EndpointSetup(f"{where}: {error}", hint="An ERP has no reason to send this. Check the address.")
        return CallFailed(f"{where}: {error}", Kind.UNKNOWN)
    if isinstance(error, ReferenceRefused):
        return EndpointSetup(
            f"{where}: {error}",
            hint="Save that document beside the endpoint file and name it under `schemas:` (url: file).",
        )
    return None


def _never_connected(error: BaseException, where: str, text: str) -> HubError | None:
    """The request cannot have left: the one group after which a write may be repeated without looking."""
    import requests
    import urllib3.exceptions as u3

    if isinstance(
        error,
        (
            u3.NewConnectionError,
            u3.ConnectTimeoutError,
            u3.ProxyError,
            requests.ConnectTimeout,
            requests.exceptions.ProxyError,
            ConnectionRefusedError,
        ),
    ):
        return CallFailed(f"{where}: cannot connect ({text})", Kind.RETRY)
    if isinstance(error, (u3.SSLError, requests.exceptions.SSLError)):
        return EndpointSetup(
            f"{where}: the TLS connection failed ({text})",
            hint="Check the server's certificate, or name its authority under `tls.authority`.",
        )
    return None


def _network(error: BaseException, where: str, text: str) -> HubError | None:
    """Addresses that cannot be called, then everything that was lost on the way."""
    import requests
    import urllib3.exceptions as u3

    if isinstance(
        error,
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
            requests.exceptions.InvalidSchema,
            requests.exceptions.InvalidHeader,
            requests.exceptions.InvalidProxyURL,
            u3.LocationValueError,
            u3.HTTPWarning,
        ),
    ):
        return EndpointSetup(f"{where}: {text}", hint="Check `wsdl` and `address` in the endpoint file.")
    if isinstance(error, (requests.RequestException, u3.HTTPError, TimeoutError, OSError, EOFError)):
        return CallFailed(f"{where}: the connection was lost ({text})", Kind.UNKNOWN)
    return None


def _libraries(error: BaseException, where: str, text: str) -> HubError | None:
    """zeep while loading a WSDL or building a request, lxml, and the plain exceptions that both let through."""
    import zeep.exceptions as ze
    from lxml import etree

    if isinstance(error, (ze.DTDForbidden, ze.EntitiesForbidden, ze.ExternalReferenceForbidden)):
        return EndpointSetup(
            f"{where}: refused XML with a document type declaration, entities or external references",
            hint="An ERP has no reason to send this. Check the address.",
        )
    if isinstance(error, ze.ValidationError):
        return CallRejected(f"{where}: the document does not fit the WSDL ({text})", Kind.INVALID)
    if isinstance(error, (ze.TransportError, ze.SignatureVerificationFailed, ze.Fault)):
        return CallFailed(f"{where}: {text}", Kind.UNKNOWN)
    if isinstance(error, (ze.Error, ze.ZeepWarning)):
        return EndpointSetup(f"{where}: {text}")
    if isinstance(error, etree.Error):
        return CallFailed(f"{where}: the answer is not well-formed XML ({text})", Kind.UNKNOWN)
    if isinstance(error, (ValueError, TypeError, ArithmeticError)):
        return CallRejected(f"{where}: a value cannot be sent or read ({text})", Kind.INVALID)
    if isinstance(error, (AttributeError, LookupError, AssertionError, NotImplementedError)):
        return EndpointSetup(f"{where}: this WSDL or answer is not understood ({text})")
    return None


def _short(error: BaseException) -> str:
    """Class and first line of a foreign error, cut to 200 characters."""
    try:
        text = str(error).strip().splitlines()
    except Exception as broken:
        # Some libraries' exceptions cannot say what they are; that must not hide that they happened.
        text = [f"(its text fails with {type(broken).__name__})"]
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__
