"""Whatever a library raises becomes one of the hub's three errors, and says truly whether the work may be done."""

from __future__ import annotations

import builtins
import decimal
import http.client
import inspect
import socket
import ssl
from types import ModuleType
from typing import Any

import pytest
import requests
import urllib3
import zeep.exceptions
from lxml import etree

from hub.errors import ConfigurationError, DocumentRejected, HubError, TemporaryError
from hub_soap.errors import (
    AnswerRefused,
    CallFailed,
    CallRejected,
    DeadlineExceeded,
    EndpointSetup,
    Kind,
    ReferenceRefused,
    classify,
    failure,
)

THREE = (TemporaryError, DocumentRejected, ConfigurationError)


def exceptions_of(module: ModuleType) -> list[type[BaseException]]:
    return [
        item
        for _, item in inspect.getmembers(module, inspect.isclass)
        if issubclass(item, Exception) and not issubclass(item, StopIteration | StopAsyncIteration)
    ]


FOREIGN = sorted(
    {
        error
        for module in (
            zeep.exceptions,
            requests.exceptions,
            urllib3.exceptions,
            etree,
            decimal,
            ssl,
            http.client,
            builtins,
            socket,
        )
        for error in exceptions_of(module)
    },
    key=lambda error: (error.__module__, error.__name__),
)


def made(error: type[BaseException]) -> BaseException:
    """An instance of any exception class, without knowing how it wants to be made."""
    text = "password hunter2 in here"
    if error is ExceptionGroup:
        return ExceptionGroup(text, [ValueError(text)])
    if error in (etree.ParseError, etree.XMLSyntaxError):
        return error(text, 1, 1, 1)
    if issubclass(error, etree.LxmlSyntaxError):
        return error(text)
    instance = error.__new__(error)
    instance.args = (text,)
    return instance


@pytest.mark.parametrize("error", FOREIGN, ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_every_exception_of_every_library_is_one_of_the_three(error: type[BaseException]) -> None:
    known = classify(made(error), "erp.createOrder", lambda text: text.replace("hunter2", "***"))
    assert isinstance(known, THREE)
    assert isinstance(known, CallFailed | CallRejected | EndpointSetup)
    assert "erp.createOrder" in str(known)
    assert "hunter2" not in str(known)


def test_the_walk_saw_the_libraries() -> None:
    assert len(FOREIGN) > 120


RESET = requests.ConnectionError(
    urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
)
zeep_errors: Any = zeep.exceptions  # typed in part only


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout(), Kind.RETRY),
        (requests.ReadTimeout(), Kind.UNKNOWN),
        (RESET, Kind.UNKNOWN),
        (requests.exceptions.ChunkedEncodingError(), Kind.UNKNOWN),
        (ConnectionRefusedError(111, "refused"), Kind.RETRY),
        (BrokenPipeError(), Kind.UNKNOWN),
        (DeadlineExceeded(1, sent=True), Kind.UNKNOWN),
        (DeadlineExceeded(1, sent=False), Kind.RETRY),
        (AnswerRefused("too large"), Kind.UNKNOWN),
        (AnswerRefused("DTD", hostile=True), Kind.SETUP),
        (ReferenceRefused("file:///etc/passwd"), Kind.SETUP),
        (zeep_errors.ValidationError("Missing element id"), Kind.INVALID),
        (zeep_errors.TransportError("x", 500), Kind.UNKNOWN),
        (decimal.InvalidOperation(), Kind.INVALID),
        (AttributeError("'NoneType' object has no attribute 'getroottree'"), Kind.SETUP),
        (TypeError("got an unexpected keyword argument"), Kind.INVALID),
    ],
)
def test_what_may_have_happened(error: BaseException, kind: Kind) -> None:
    assert classify(error, "erp.x").kind is kind  # type: ignore[attr-defined]


def test_a_cause_inside_decides() -> None:
    refused = requests.ConnectionError(
        urllib3.exceptions.MaxRetryError(None, "/", ConnectionRefusedError(111, "refused"))  # type: ignore[arg-type]
    )
    assert classify(refused, "erp.x").kind is Kind.RETRY  # type: ignore[attr-defined]


def test_a_whole_envelope_does_not_get_into_a_message() -> None:
    error = zeep_errors.Fault("x" * 5000 + "\n<secret/>")
    assert len(str(classify(error, "erp.x"))) < 300


def test_our_own_errors_pass_unchanged() -> None:
    known = ConfigurationError("here", file="a.yaml", line=3)
    assert classify(known, "erp.x") is known


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_an_error(kind: Kind) -> None:
    error: HubError = failure(kind, "message", wait=2)
    assert error.kind is kind  # type: ignore[attr-defined]
    assert isinstance(error, THREE)
