"""The one way to the network: bounded in time and size, no redirects, no foreign documents, nothing logged.

zeep's own transport waits for ever, follows a 307 with the password to wherever it points, loads ``file://`` imports
of a WSDL that came over HTTP, and prints whole envelopes in its debug log.
"""

from __future__ import annotations

import email.utils
import ipaddress
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from lxml import etree
from requests.auth import HTTPBasicAuth
from zeep.transports import Transport

from hub.errors import HubError
from hub_soap import answers
from hub_soap.answers import Answer
from hub_soap.deadline import Deadline, WatchedAdapter
from hub_soap.errors import AnswerRefused, CallFailed, EndpointSetup, Kind, ReferenceRefused
from hub_soap.settings import Timeouts, Tls

_CHUNK = 65_536
_BUNDLED = {
    "schemas.xmlsoap.org/soap/encoding": "soap-encoding.xsd",
    "www.w3.org/2001/xml.xsd": "xml.xsd",
    "www.w3.org/2001/03/xml.xsd": "xml.xsd",
    "www.w3.org/XML/1998/namespace": "xml.xsd",
}


class SafeTransport(Transport):
    """``wsdl`` is the WSDL's own address or path: documents from anywhere else are refused unless they are bundled
    or named in ``schemas`` (address to file). ``answer_bytes`` bounds what comes out of decompression.

    ``post_xml`` gives an ``Answer`` (zeep hands it through, because the client's settings ask for raw answers)."""

    def __init__(
        self,
        wsdl: str,
        timeouts: Timeouts,
        *,
        answer_bytes: int,
        schemas: dict[str, Path],
        tls: Tls | None = None,
        folder: Path | None = None,
        http: tuple[str, str] | None = None,
        proxy: str = "",
    ) -> None:
        self.wsdl = wsdl
        self.timeouts = timeouts
        self.answer_bytes = answer_bytes
        self.schemas = schemas
        session = _session(tls or Tls(), folder, http, proxy)
        super().__init__(timeout=timeouts.load, operation_timeout=timeouts.call, session=session)  # type: ignore[no-untyped-call]
        session.adapters.clear()
        for scheme in ("https://", "http://"):
            session.mount(scheme, WatchedAdapter())
        session.headers["User-Agent"] = "erp-edi-hub"

    def close(self) -> None:
        """Give back the connections."""
        self.session.close()

    def load(self, url: str) -> bytes:
        """A WSDL or schema document: strictly well-formed XML without DTD, from an allowed place only."""
        place = str(url).partition("://")[2].rstrip("/")
        if place in _BUNDLED and urlsplit(str(url)).scheme in ("http", "https"):
            return resources.files("hub_soap").joinpath("schemas", _BUNDLED[place]).read_bytes()
        if url in self.schemas:
            content = _from_disk(self.schemas[url], self.answer_bytes)
        elif urlsplit(self.wsdl).scheme in ("http", "https"):
            if origin(url) != origin(self.wsdl):
                raise ReferenceRefused(url)
            content = self._fetch(url)
        else:
            content = _from_disk(self._beside_wsdl(url), self.answer_bytes)
        try:
            answers.strict(content)
        except etree.XMLSyntaxError as error:
            raise EndpointSetup(
                f"{url} is not well-formed XML ({error.msg})",
                hint="Open that address in a browser: the server may print a warning or a login page before it.",
            ) from None
        return content

    def _beside_wsdl(self, url: str) -> Path:
        """A file of the folder (or below) that holds the WSDL; a WSDL on disk may point nowhere else."""
        if urlsplit(url).scheme not in ("", "file"):
            raise ReferenceRefused(url)
        path = Path(urlsplit(url).path if url.startswith("file:") else url).resolve()
        if not path.is_relative_to(Path(self.wsdl).resolve().parent):
            raise ReferenceRefused(url)
        return path

    def _fetch(self, url: str) -> bytes:
        response, content = self._exchange("GET", url, self.timeouts.load)
        if response.status_code != 200:
            raise _status_error(response, url)
        return content

    def post_xml(self, address: str, envelope: Any, headers: Any) -> Answer:
        """Send one envelope and read its answer completely, within the deadline."""
        response, content = self._exchange(
            "POST",
            address,
            self.timeouts.call,
            headers=headers,
            data=etree.tostring(envelope, encoding="UTF-8", xml_declaration=True),
        )
        if 300 <= response.status_code < 400:
            raise _status_error(response, address)
        return _answer(response, content)

    def post(self, address: str, message: Any, headers: Any) -> Any:
        """zeep's entry for plain HTTP bindings, which no endpoint of the hub uses."""
        raise EndpointSetup("this binding is not SOAP", hint="Name a SOAP port under `port:`.")

    def get(self, address: str, params: Any, headers: Any) -> Any:
        """See ``post``."""
        return self.post(address, params, headers)

    def _exchange(self, method: str, url: str, seconds: float, **more: Any) -> tuple[requests.Response, bytes]:
        timeout = (min(self.timeouts.connect, seconds), seconds)
        with Deadline(seconds) as deadline:
            try:
                with self.session.request(
                    method, url, timeout=timeout, stream=True, allow_redirects=False, **more
                ) as response:
                    return response, self._content(response, deadline)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
                deadline.check()
                raise

    def _content(self, response: requests.Response, deadline: Deadline) -> bytes:
        """The decompressed body. ``read1`` returns what has arrived, so that the deadline is seen between pieces."""
        chunks: list[bytes] = []
        size = 0
        while True:
            chunk = response.raw.read1(_CHUNK, decode_content=True)
            deadline.check()
            if not chunk:
                break
            size += len(chunk)
            if size > self.answer_bytes:
                raise AnswerRefused(f"the answer is larger than {self.answer_bytes} bytes (answer_bytes)")
            chunks.append(chunk)
        expected = response.headers.get("Content-Length", "")
        if expected.isdigit() and not response.headers.get("Content-Encoding") and size < int(expected):
            raise AnswerRefused(f"the answer ended after {size} of {expected} bytes")
        return b"".join(chunks)


def _session(tls: Tls, folder: Path | None, http: tuple[str, str] | None, proxy: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no .netrc password and no proxy that nobody configured here
    base = folder or Path()
    if tls.authority:
        session.verify = str(base / tls.authority)
    if tls.certificate:
        session.cert = (str(base / tls.certificate), str(base / tls.key)) if tls.key else str(base / tls.certificate)
    if proxy:
        session.proxies = {"http": proxy, "https": proxy}
    if http:
        session.auth = HTTPBasicAuth(http[0].encode(), http[1].encode())
    return session


def _answer(response: requests.Response, content: bytes) -> Answer:
    """The parsed answer; a body that is no XML keeps only its status, so that no error page is logged or stored."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    wait = _retry_after(response.headers.get("Retry-After", ""))
    if not content.strip():
        return Answer(response.status_code, media_type, wait, empty=True)
    if media_type == "multipart/related":
        raise AnswerRefused("the answer has attachments (MTOM), which this endpoint type does not read")
    if media_type in ("text/html", "text/plain"):
        return Answer(response.status_code, media_type, wait)
    try:
        return Answer(response.status_code, media_type, wait, answers.strict(content))
    except etree.XMLSyntaxError:
        if response.status_code >= 400:
            return Answer(response.status_code, media_type or "unknown", wait)
        raise


def _retry_after(value: str) -> float:
    """Seconds of a Retry-After header: a number or an HTTP date (RFC 9110 §10.2.3), at most an hour."""
    if value.strip().isdigit():
        return min(float(value), 3600.0)
    try:
        when = email.utils.parsedate_to_datetime(value)
        now = email.utils.localtime()
        return min(max((when - now).total_seconds(), 0.0), 3600.0)
    except (TypeError, ValueError):
        return 0.0


def _status_error(response: requests.Response, address: str) -> HubError:
    status = response.status_code
    if 300 <= status < 400:
        target = urlsplit(urljoin(address, response.headers.get("Location", "")))
        return EndpointSetup(
            f"{shown(address)} redirects to {target.scheme}://{target.hostname}{target.path[:100]} (HTTP {status}); "
            "the hub does not follow, because the password would go along",
            hint="Put the final address into `wsdl` or `address`, if it really is the ERP's.",
        )
    message = f"{shown(address)} answers HTTP {status} to the request for the WSDL"
    if status in (408, 429) or status >= 500:
        return CallFailed(message, Kind.RETRY, _retry_after(response.headers.get("Retry-After", "")))
    kind = Kind.AUTH if status in (401, 403, 407) else Kind.SETUP
    return EndpointSetup(message, kind, hint="Check `wsdl` and the credentials in the endpoint file.")


def shown(address: str) -> str:
    """An address without user, password and query, for messages."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, normalized; the loopback's three spellings stay three origins on purpose."""
    parts = urlsplit(str(url))
    host = (parts.hostname or "").rstrip(".").lower()
    try:
        host = str(ipaddress.ip_address(host))
    except ValueError:
        host = host.encode("idna").decode("ascii") if host and not host.isascii() else host
    return parts.scheme.lower(), host, parts.port or {"http": 80, "https": 443}.get(parts.scheme.lower(), 0)


def _from_disk(path: Path, maximum: int) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(maximum + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EndpointSetup(f"{path} cannot be read: {reason}", hint="Check `wsdl` and `schemas`.") from None
    if len(content) > maximum:
        raise EndpointSetup(f"{path} is larger than {maximum} bytes (answer_bytes)")
    return content
