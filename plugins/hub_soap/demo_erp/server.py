"""The demonstration ERP: a real SOAP server on loopback that serves its own WSDL.

Made by hand from the standard library and lxml, because only so can it give every hostile answer byte by byte.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any, cast

from hub_soap.demo_erp import quirks, wire
from hub_soap.demo_erp.data import ErpData, Record

_log = logging.getLogger(__name__)
_MAXIMUM_REQUEST = 16_000_000


class DemoErp:
    """Use as a context, or ``start`` and ``stop``. ``url`` is the endpoint, ``wsdl`` its WSDL. ``data`` is what it
    holds, ``calls`` the operations that were called, in order."""

    def __init__(
        self, *, orders: Path | None = None, port: int = 0, user: str = "hub", password: str = "demo-secret-1"
    ) -> None:
        self.data = ErpData(orders)
        self.user, self.password = user, password
        self.calls: list[str] = []
        self.definition: bytes | None = None
        self.held = threading.Event()
        self.release = threading.Event()
        self._sessions: set[str] = set()
        self._quirks: dict[str, deque[str]] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.erp = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/erp"
        self.wsdl = self.url + "?wsdl"

    def __enter__(self) -> DemoErp:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> DemoErp:
        """Begin to answer, in a thread of its own."""
        self._thread.start()
        return self

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it is stopped."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """Stop answering; orders in a file stay."""
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.data.close()

    def misbehave(self, operation: str, *names: str) -> None:
        """The next calls of ``operation`` show these quirks, one after the other ('' is an honest answer)."""
        unknown = [name for name in names if name and name not in quirks.NAMES]
        if unknown:
            raise ValueError(f"no such quirk: {', '.join(unknown)}")
        with self._lock:
            self._quirks.setdefault(operation, deque()).extend(names)

    def expire_sessions(self) -> None:
        """Forget who is logged in."""
        with self._lock:
            self._sessions.clear()

    def definitions(self) -> bytes:
        """The WSDL with this server's address in it (or ``definition``, when a test put another one there)."""
        if self.definition is not None:
            return self.definition
        text = resources.files(__package__).joinpath("erp.wsdl").read_text("utf-8")
        return text.replace("@ADDRESS@", self.url).encode()

    def next_quirk(self, operation: str) -> str:
        """The quirk to show now, '' for none."""
        with self._lock:
            self.calls.append(operation)
            waiting = self._quirks.get(operation)
            return waiting.popleft() if waiting else ""

    # -- operations ----------------------------------------------------------------------------------------------

    def perform(self, operation: str, given: Record, quirk: str) -> Record:
        """Do the work of one call; raises ``wire.ClientFault``."""
        if operation == "login":
            if (given.get("user"), given.get("password")) != (self.user, self.password):
                raise wire.ClientFault("2", "Access denied.")
            with self._lock:
                session = f"session-{len(self.calls)}-{id(self)}"
                self._sessions.add(session)
            return {"session": session}
        if given.get("session") not in self._sessions:
            raise wire.ClientFault("5", "Session expired. Try to relogin.")
        work = cast("Callable[[Record, str], Record] | None", getattr(self, "_" + operation, None))
        if work is None:
            raise wire.ClientFault("Client", f"Operation '{operation}' is not defined")
        return work(given, quirk)

    def _listCustomers(self, given: Record, quirk: str) -> Record:
        rows, more = self._page("customers", given)
        return {"customers": {"customer": rows}, "more": more}

    def _listProducts(self, given: Record, quirk: str) -> Record:
        rows, more = self._page("products", given)
        return {"products": {"product": rows}, "more": more}

    def _page(self, kind: str, given: Record) -> tuple[list[Record], str]:
        try:
            page, size = int(given.get("page") or 1), min(int(given.get("size") or 100), 500)
            rows, more = self.data.listed(kind, given.get("changedSince", ""), page, size)
        except (ValueError, TypeError):
            raise wire.ClientFault("Client", "changedSince or page is not readable") from None
        return rows, "true" if more else "false"

    def _findOrder(self, given: Record, quirk: str) -> Record:
        return {"order": self.data.find(given.get("externalKey", ""))}

    def _getOrder(self, given: Record, quirk: str) -> Record:
        found = self.data.get(given.get("id", ""))
        if found is None:
            raise wire.ClientFault("101", "Requested order not exists.")
        return {"order": found}

    def _createOrder(self, given: Record, quirk: str) -> Record:
        return {"id": self.data.create(self._checked(given, quirk))}

    def _updateOrder(self, given: Record, quirk: str) -> Record:
        order = self._checked(given, quirk)
        if not self.data.replace(order.get("id", ""), order):
            raise wire.ClientFault("101", "Requested order not exists.")
        return {"id": order["id"]}

    def _checked(self, given: Record, quirk: str) -> Record:
        order = given.get("order")
        if not isinstance(order, dict) or not order.get("number"):
            raise wire.ClientFault("Client", "an order needs a number")
        lines = order["lines"]["line"] if isinstance(order.get("lines"), dict) else []
        for line in lines if isinstance(lines, list) else [lines]:
            if line.get("sku", "SKU0001") not in self.data.products:
                raise wire.ClientFault("Client", f"there is no product {line['sku']}")
            if quirk == "other_quantity":
                line["quantity"] = "1"
        if quirk == "drop_key":
            order.pop("externalKey", None)
        if quirk == "narrow_text":
            order["number"] = "".join("????" if ord(char) > 0xFFFF else char for char in order["number"])
        return order


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    erp: DemoErp

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.debug("a client went away", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without these two every call costs 40 ms: two small writes and a delayed acknowledgment of TCP.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        _log.debug(format, *args)

    def do_GET(self) -> None:
        erp = cast("_Server", self.server).erp
        quirk = erp.next_quirk("wsdl")
        if quirk in quirks.INSTEAD:
            quirks.INSTEAD[quirk](self)
        elif quirk in quirks.SENDING:
            quirks.SENDING[quirk](self, erp.definitions())
        else:
            quirks.send(self, erp.definitions())

    def do_POST(self) -> None:
        erp = cast("_Server", self.server).erp
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAXIMUM_REQUEST:
            quirks.send(self, b"", 413)
            return
        try:
            operation, given = wire.request(self.rfile.read(length))
            quirk = erp.next_quirk(operation)
            if quirk in quirks.INSTEAD:
                quirks.INSTEAD[quirk](self)
                return
            envelope = wire.answer(operation, erp.perform(operation, given, quirk))
        except wire.ClientFault as problem:
            quirks.send(self, wire.written(wire.fault(problem.code, str(problem))), 500)
            return
        if quirk in quirks.ANSWER:
            quirks.ANSWER[quirk](envelope)
        if quirk == "hold":
            erp.held.set()
            erp.release.wait(30)
        quirks.SENDING.get(quirk, quirks.send)(self, wire.written(envelope))
