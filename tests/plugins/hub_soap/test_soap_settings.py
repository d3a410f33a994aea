"""A wrong endpoint file is one clear message with file and line, before anything is called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.mapping.library import MappingLibrary
from hub_soap.connector import SoapConnector, open_endpoint
from hub_soap.demo_erp import DemoErp

Connect = Callable[..., SoapConnector]


def line_of(file: Path, word: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if word in line)


@pytest.mark.parametrize(
    ("change", "words", "place", "hint"),
    [
        (("time_zone: UTC", "time_zone: UTC\ntimezone: x"), "unknown key 'timezone'", "timezone: x", "time_zone"),
        (("time_zone: UTC", "time_zone: Mars/Base"), "no time zone 'Mars/Base'", "Mars", ""),
        (("type: soap", "type: rest"), "must be one of soap", "type: rest", ""),
        (("connect: 3", "connect: soon"), "connect", "connect: soon", ""),
        (
            ("operation: listCustomers", "operation: listCustomer"),
            "no operation 'listCustomer'",
            "operation: listCustomer",
            "listCustomers",
        ),
        (
            ("id: $id }, item: order, key", "ident: $id }, item: order, key"),
            "has no parameter 'ident'",
            "getOrder",
            "id",
        ),
        (("externalKey: $key }, item", "externalKey: $kee }, item"), "unknown placeholder $kee", "kee", ""),
        (("user: $credential.user", "user: $credential.usr"), "no credential 'usr'", "$credential.usr", "user"),
        (("service: ErpService", "service: Erp"), "no service 'Erp'", "service: Erp", "ErpService"),
        (("port: ErpPort", "port: Erp12Port"), "no SOAP port 'Erp12Port'", "port: Erp12", "ErpPort"),
        (
            ("soap/demo-erp.customer", "soap/demo-erp.custumer"),
            "no mapping 'soap/demo-erp.custumer'",
            "custumer",
            "demo-erp.customer",
        ),
        (
            ("mapping: soap/demo-erp.order", "mapping: soap/demo-erp.price"),
            "makes Price from tree, not Order",
            "push:",
            "",
        ),
        (("file:../secrets/erp-user", "file:../secrets/nobody"), "cannot read", "nobody", "first line"),
        (("file:../secrets/erp-user", "hub"), "is not a reference", "user: ", "env:NAME"),
        (("file:../secrets/erp-user", "env:HUB_TEST_NOT_SET"), "HUB_TEST_NOT_SET is not set", "HUB_TEST", "export"),
        (('- { code: "2", kind: auth }', "- { kind: auth }"), "needs `code`, `text` or both", "- { kind: auth }", ""),
        (
            ("time_zone: UTC", "time_zone: UTC\nhttp: { user: user, password: pw }"),
            "names the credential 'pw'",
            "http: {",
            "password",
        ),
        (("session:\n", "sessions:\n"), "unknown key 'sessions'", "sessions:", "session"),
    ],
)
def test_a_mistake_has_a_line_and_a_hint(
    connect: Connect, endpoint: Callable[..., Path], change: tuple[str, str], words: str, place: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as failed:
        connect(change)
    error = failed.value
    assert words in str(error), str(error)
    assert hint in error.hint, str(error)
    file = endpoint(change)
    assert error.file == str(file), str(error)
    assert error.line is not None
    assert abs(error.line - line_of(file, place)) <= (2 if place in ("push:", "getOrder") else 0), str(error)
    assert "demo-secret" not in str(error)


def test_the_file_and_the_wsdl_are_there(tmp_path: Path, library: MappingLibrary) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        open_endpoint({"file": tmp_path / "none.yaml", "library": library})
    with pytest.raises(ConfigurationError, match="cannot be read") as failed:
        open_endpoint({"file": _with_wsdl(tmp_path, "nowhere.wsdl"), "library": library})
    assert failed.value.line == 2


def _with_wsdl(folder: Path, wsdl: str) -> Path:
    file = folder / "small.yaml"
    file.write_text(f"type: soap\nwsdl: {wsdl}\n", "utf-8")
    return file


def test_a_wsdl_on_disk_and_a_toml_file(erp: DemoErp, tmp_path: Path, library: MappingLibrary) -> None:
    (tmp_path / "erp.wsdl").write_bytes(erp.definitions())
    file = tmp_path / "disk.toml"
    file.write_text('type = "soap"\nwsdl = "erp.wsdl"\n', "utf-8")
    connector = open_endpoint({"file": file, "library": library})
    assert connector.name == "disk"
    with pytest.raises(ConfigurationError, match="does not pull Party"):
        next(connector.pull("Party", None))
    connector.close()


def test_credentials_from_the_environment(erp: DemoErp, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_TEST_PASSWORD", erp.password)
    connector = connect(("file:../secrets/erp-password", "env:HUB_TEST_PASSWORD"))
    assert list(connector.pull("Party", None))


def test_what_the_endpoint_does_not_do(connect: Connect) -> None:
    connector = connect()
    with pytest.raises(ConfigurationError, match="does not pull Orders") as failed:
        list(connector.pull("Orders", None))
    assert failed.value.line
