"""The network side: every hostile answer ends in one of the hub's errors, in bounded time and memory."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from hub.errors import ConfigurationError, DocumentRejected, TemporaryError
from hub.model import Order
from hub_soap.connector import SoapConnector
from hub_soap.demo_erp import DemoErp
from hub_soap.errors import CallFailed, EndpointSetup, Kind, ReferenceRefused
from hub_soap.settings import Timeouts
from hub_soap.transport import SafeTransport, origin

Connect = Callable[..., SoapConnector]
SHORT = ("call: 20", "call: 0.7")
ONCE = ("attempts: 4", "attempts: 1")


def pulled(connector: SoapConnector) -> list[str]:
    return [document.to_json() for batch in connector.pull("Party", None) for document in batch.documents]


@pytest.mark.parametrize(
    ("quirk", "kind"),
    [
        ("truncated", Kind.UNKNOWN),
        ("short", Kind.UNKNOWN),
        ("lost", Kind.UNKNOWN),
        ("reset", Kind.UNKNOWN),
        ("html_200", Kind.UNKNOWN),
        ("html_500", Kind.UNKNOWN),
        ("latin1", Kind.UNKNOWN),
        ("array", Kind.UNKNOWN),
        ("unavailable", Kind.RETRY),
        ("fault_500", Kind.UNKNOWN),
    ],
)
def test_what_may_pass_is_temporary(erp: DemoErp, connect: Connect, quirk: str, kind: Kind) -> None:
    connector = connect(ONCE)
    erp.misbehave("listCustomers", quirk)
    with pytest.raises(TemporaryError) as failed:
        pulled(connector)
    assert isinstance(failed.value, CallFailed)
    assert failed.value.kind is kind
    assert "erp.listCustomers" in str(failed.value)
    assert "SELECT" not in str(failed.value)


@pytest.mark.parametrize("quirk", ["redirect", "unauthorized", "gone", "entities", "doctype", "fault_client"])
def test_what_a_person_must_look_at_is_configuration(erp: DemoErp, connect: Connect, quirk: str) -> None:
    connector = connect()
    erp.misbehave("listCustomers", quirk)
    with pytest.raises(ConfigurationError) as failed:
        pulled(connector)
    assert failed.value.hint
    assert erp.calls.count("listCustomers") == 1


@pytest.mark.parametrize("quirk", ["truncated", "lost", "html_500", "unavailable", "short", "fault_500", "session"])
def test_reading_is_repeated_until_it_works(erp: DemoErp, connect: Connect, quirk: str) -> None:
    connector = connect()
    clean = pulled(connector)
    erp.misbehave("listCustomers", quirk, "", quirk)
    assert pulled(connector) == clean


@pytest.mark.parametrize("quirk", ["gzip", "undeclared", "reordered"])
def test_harmless_deviations_change_nothing_of_what_is_mapped(erp: DemoErp, connect: Connect, quirk: str) -> None:
    connector = connect()
    clean = [d.canonical_dict() for b in connector.pull("Party", None) for d in b.documents]
    erp.misbehave("listCustomers", quirk, quirk)
    again = [d.canonical_dict() for b in connector.pull("Party", None) for d in b.documents]
    for document in again:
        extensions = document.pop("extensions", None)
        assert (extensions == {"adress": "misspelt"}) == (quirk == "undeclared")
    assert again == clean


@pytest.mark.parametrize("quirk", ["drip", "drip_headers", "slow"])
def test_a_dripping_server_cannot_hold_a_call(erp: DemoErp, connect: Connect, quirk: str) -> None:
    connector = connect(SHORT, ONCE)
    erp.misbehave("listCustomers", quirk)
    begun = time.monotonic()
    with pytest.raises(TemporaryError):
        pulled(connector)
    assert time.monotonic() - begun < 2.0


def test_a_gzip_bomb_stops_at_the_limit(erp: DemoErp, connect: Connect) -> None:
    connector = connect(ONCE, ("time_zone: UTC", "time_zone: UTC\nanswer_bytes: 100000"))
    erp.misbehave("listCustomers", "gzip_bomb")
    with pytest.raises(TemporaryError, match="larger than 100000 bytes"):
        pulled(connector)


def test_nothing_listens(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    erp._server.shutdown()
    erp._server.server_close()
    erp._server.serve_forever = lambda **_: None  # type: ignore[method-assign]
    connector._client.transport.close()
    with pytest.raises(TemporaryError, match="cannot connect"):
        pulled(connector)
    with pytest.raises(TemporaryError, match="cannot connect"):
        connector.push(order, "key")


def test_secrets_are_nowhere(erp: DemoErp, connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connector = connect()
    pulled(connector)
    erp.password = "another one"
    erp.expire_sessions()
    with pytest.raises(ConfigurationError, match="Access denied") as failed:
        pulled(connector)
    assert "demo-secret-1" not in caplog.text + str(failed.value)
    secret = connector._client.secrets["password"]
    assert "demo-secret-1" not in f"{secret!r} {secret}"
    assert connector._client.mask("pw=demo-secret-1.") == "pw=***."


# -- where documents may come from ---------------------------------------------------------------------------------


IMPORT = '<xs:import namespace="urn:x" schemaLocation="{0}"/>'


def with_import(erp: DemoErp, location: str) -> None:
    erp.definition = erp.definitions().replace(
        b'<xs:schema targetNamespace="urn:demo-erp" elementFormDefault="qualified">',
        b'<xs:schema targetNamespace="urn:demo-erp" elementFormDefault="qualified">' + IMPORT.format(location).encode(),
    )


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/hostname",
        "http://other.example/x.xsd",
        "https://127.0.0.1/x.xsd",
        "ftp://127.0.0.1/x.xsd",
        "//other.example/x.xsd",
    ],
)
def test_imports_from_elsewhere_are_refused(erp: DemoErp, connect: Connect, location: str) -> None:
    with_import(erp, location)
    with pytest.raises(ConfigurationError, match="neither bundled nor at the WSDL's own address") as failed:
        connect()
    assert failed.value.file is not None
    assert failed.value.file.endswith("erp.yaml")
    assert failed.value.line == 4


def test_an_import_can_be_put_beside_the_endpoint_file(
    erp: DemoErp, connect: Connect, endpoint: Callable[..., Path]
) -> None:
    with_import(erp, "http://other.example/x.xsd")
    (endpoint().parent / "x.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"/>', "utf-8"
    )
    assert pulled(connect(("time_zone: UTC", 'time_zone: UTC\nschemas: { "http://other.example/x.xsd": x.xsd }')))


@pytest.mark.parametrize(
    "location",
    [
        "http://schemas.xmlsoap.org/soap/encoding/",
        "http://www.w3.org/2001/xml.xsd",
        "https://www.w3.org/2001/xml.xsd",
    ],
)
def test_well_known_schemas_come_from_the_bundle(erp: DemoErp, connect: Connect, location: str) -> None:
    space = "http://www.w3.org/XML/1998/namespace" if "xml.xsd" in location else location
    with_import(erp, location)
    erp.definition = erp.definitions().replace(b'namespace="urn:x"', f'namespace="{space}"'.encode())
    assert pulled(connect())


@pytest.mark.parametrize(
    "content",
    [
        b"<br /><b>Warning</b>: mysql\n<?xml version='1.0'?><x/>",
        b"<html><body>login</body>",
        b"<!DOCTYPE x><x/>",
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>',
        b"<x/>",
        b"",
    ],
)
def test_what_is_no_wsdl_is_a_clear_error(erp: DemoErp, connect: Connect, content: bytes) -> None:
    erp.definition = content
    with pytest.raises(ConfigurationError) as failed:
        connect()
    assert failed.value.line == 4


@pytest.mark.parametrize("quirk", ["redirect", "gone", "unauthorized"])
def test_a_wsdl_that_is_elsewhere(erp: DemoErp, connect: Connect, quirk: str) -> None:
    erp.misbehave("wsdl", quirk)
    with pytest.raises(ConfigurationError):
        connect()


@pytest.mark.parametrize("quirk", ["unavailable", "truncated", "reset", "html_500"])
def test_a_wsdl_that_cannot_be_fetched_now(erp: DemoErp, connect: Connect, quirk: str) -> None:
    erp.misbehave("wsdl", quirk)
    with pytest.raises((TemporaryError, ConfigurationError)) as failed:
        connect()
    assert isinstance(failed.value, TemporaryError) or quirk == "truncated"


def test_a_wsdl_that_sends_the_password_elsewhere(erp: DemoErp, connect: Connect) -> None:
    erp.definition = erp.definitions().replace(erp.url.encode(), b"http://other.example/erp")
    with pytest.raises(ConfigurationError, match="another place") as failed:
        connect()
    assert "address: http://other.example/erp" in failed.value.hint
    assert pulled(connect(("time_zone: UTC", f"time_zone: UTC\naddress: {erp.url}")))


def test_a_wsdl_on_disk_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "endpoints"
    folder.mkdir()
    (tmp_path / "outside.xsd").write_text("<x/>")
    (folder / "inside.xsd").write_text("<x/>")
    (folder / "link.xsd").symlink_to(tmp_path / "outside.xsd")
    transport = SafeTransport(str(folder / "erp.wsdl"), Timeouts(), answer_bytes=1000, schemas={})
    assert transport.load(str(folder / "inside.xsd")) == b"<x/>"
    for path in ("../outside.xsd", "link.xsd"):
        with pytest.raises(ReferenceRefused):
            transport.load(str(folder / path))
    with pytest.raises(ReferenceRefused):
        transport.load("file:///etc/hostname")
    with pytest.raises(ReferenceRefused):
        transport.load("http://127.0.0.1/x.xsd")
    with pytest.raises(EndpointSetup, match="cannot be read"):
        transport.load(str(folder / "missing.xsd"))
    transport.close()


def test_origins() -> None:
    assert origin("http://ERP.example.:80/a") == origin("http://erp.example/b?c")
    assert origin("https://erp.example") != origin("http://erp.example")
    assert origin("http://erp.example@other.example/") == ("http", "other.example", 80)
    assert origin("http://[::1]:8080/x") == ("http", "::1", 8080)


def test_a_refused_document_is_not_repeated(erp: DemoErp, connect: Connect, order: Order) -> None:
    connector = connect()
    erp.misbehave("createOrder", "fault_client")
    with pytest.raises(DocumentRejected, match="the quantity is missing"):
        connector.push(order, "key")
    assert erp.calls.count("createOrder") == 1


@pytest.mark.parametrize(
    ("line", "inside"),
    [
        ("http: { user: user, password: password }", ""),
        ("username_token: { user: user, password: password }", "PasswordDigest"),
        ("username_token: { user: user, password: password, digest: false }", "PasswordText"),
    ],
)
def test_authentication_in_http_and_in_ws_security(
    erp: DemoErp, connect: Connect, monkeypatch: pytest.MonkeyPatch, line: str, inside: str
) -> None:
    sent: list[tuple[str, bytes]] = []
    request = requests.Session.send

    def listen(self: requests.Session, prepared: requests.PreparedRequest, **more: Any) -> requests.Response:
        body = prepared.body if isinstance(prepared.body, bytes) else b""
        sent.append((prepared.headers.get("Authorization", ""), body))
        return request(self, prepared, **more)

    monkeypatch.setattr(requests.Session, "send", listen)
    pulled(connect(("time_zone: UTC", f"time_zone: UTC\n{line}")))
    authorization, envelope = sent[-1]
    assert authorization.startswith("Basic ") == (not inside)
    assert inside.encode() in envelope
    assert (b"demo-secret-1" in envelope) == (inside == "PasswordText")
