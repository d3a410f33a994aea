"""Calls of one endpoint: parameters filled in, sent by zeep, answered as a plain tree or as one of the hub's errors."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import zeep
from zeep.wsdl.bindings.soap import SoapBinding
from zeep.wsse.username import UsernameToken

from hub.errors import HubError
from hub.located import Located, did_you_mean
from hub_soap import answers
from hub_soap.answers import Answer, FaultAnswer, Tree
from hub_soap.credentials import Secret, masked, resolved
from hub_soap.errors import CallFailed, EndpointSetup, Kind, classify, failure
from hub_soap.request import nested, shaped
from hub_soap.settings import Call, Endpoint, FaultRule
from hub_soap.transport import SafeTransport, origin, shown

_log = logging.getLogger(__name__)
_NOT_DONE = (408, 429, 503)
_MISADDRESSED = (404, 405, 406, 410, 415, 501)


class SoapClient:
    """One endpoint's WSDL, connections and session; may be shared by threads. ``sleep`` is replaced by tests."""

    def __init__(
        self, located: Located, endpoint: Endpoint, name: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.located = located
        self.endpoint = endpoint
        self.name = name
        self.sleep = sleep
        self.secrets: dict[str, Secret] = resolved(located, endpoint.credentials)
        self._lock = threading.Lock()
        self._session: str | None = None
        self._service = self._open()
        self._check_operations()

    def close(self) -> None:
        """Give back the connections."""
        self.transport.close()

    def mask(self, text: str) -> str:
        """``text`` without any of this endpoint's secrets."""
        session = [Secret(self._session, "session")] if self._session else []
        return masked(text, [*self.secrets.values(), *session])

    def call(self, call: Call, values: Mapping[str, Any], *, repeat: bool, prune: bool = False) -> Tree:
        """Call one operation. ``repeat`` says that it may be done twice (reading); otherwise it is repeated only
        where the server certainly did nothing. Raises one of the hub's errors (``hub_soap.errors``)."""
        relogin = self.endpoint.session is not None
        wait = self.endpoint.retries.wait
        attempt = 1
        while True:
            try:
                return self._once(call, values, prune)
            except CallFailed as error:
                if error.kind is Kind.SESSION and relogin:
                    relogin = False
                    with self._lock:
                        self._session = None
                    continue
                again = error.kind is Kind.RETRY or (repeat and error.kind is Kind.UNKNOWN)
                if not again or attempt >= self.endpoint.retries.attempts:
                    raise
                pause = min(max(wait, error.wait), self.endpoint.retries.longest)
                _log.info(
                    "%s, trying again in %.1f s (%d of %d)", error, pause, attempt, self.endpoint.retries.attempts
                )
                self.sleep(pause)
                wait, attempt = wait * 2, attempt + 1

    def _once(self, call: Call, values: Mapping[str, Any], prune: bool) -> Tree:
        where = f"{self.name}.{call.operation}"
        begun = time.monotonic()
        try:
            tree_values = nested({path: self._value(text, values) for path, text in self._parameters(call).items()})
            answer = self._send(call, tree_values, prune)
            tree = self._read(call, answer, where)
        except Exception as error:
            known = classify(error, where, self.mask)
            _log.info("%s failed after %.3f s: %s", where, time.monotonic() - begun, type(known).__name__)
            raise known from None
        _log.debug("%s answered in %.3f s", where, time.monotonic() - begun)
        return tree

    def _send(self, call: Call, values: dict[str, Any], prune: bool) -> Answer:
        kind = self._request_type(call)
        if self.endpoint.fixes.empty_parameters:
            values = {**dict.fromkeys((name for name, _ in kind.elements), ""), **values}
        answer = self._service[call.operation](**shaped(values, kind, self.endpoint.fixes, prune=prune))
        if not isinstance(answer, Answer):
            raise TypeError(f"unexpected {type(answer).__name__} instead of an answer")
        return answer

    def _parameters(self, call: Call) -> dict[str, str]:
        """The call's own parameters over those of every call; logging in comes before there is a session to name."""
        return call.parameters if call is self.endpoint.session else {**self.endpoint.parameters, **call.parameters}

    def _value(self, text: str, values: Mapping[str, Any]) -> Any:
        """A parameter's value: a text, or what its placeholder stands for; None leaves the parameter out."""
        if not text.startswith("$"):
            return text
        name = text[1:]
        if name.startswith("$"):
            return name
        if name.startswith("credential."):
            return self.secrets[name.partition(".")[2]].reveal()
        if name == "session":
            return self._logged_in()
        if name.startswith("document/"):
            return answers.at(values.get("document"), name.partition("/")[2])
        return values.get(name)

    def _logged_in(self) -> str:
        with self._lock:
            if self._session is None:
                session = self.endpoint.session
                assert session is not None  # _check_operations refuses $session without it
                found = answers.text(answers.at(self._once(session, {}, False), session.id))
                if not found:
                    raise failure(Kind.AUTH, f"{self.name}: logging in gave no session at '{session.id}'")
                self._session = found
            return self._session

    def _read(self, call: Call, answer: Answer, where: str) -> Tree:
        if answer.root is None and not (answer.empty and answer.status < 300):
            raise self._status(answer, where)
        if answer.root is None:
            return None
        element = answers.body(answer.root)
        if element is not None and (found := answers.fault(element)):
            raise self._fault(call, found, answer, where)
        if answer.status >= 300:
            raise self._status(answer, where)
        tree = answers.tree(element, self.endpoint.fixes.array_counts)
        self._result_code(call, tree, where)
        return tree

    def _status(self, answer: Answer, where: str) -> HubError:
        message = f"{where}: HTTP {answer.status} with {answer.media_type or 'no'} content instead of a SOAP answer"
        if answer.status in (401, 403, 407):
            return failure(Kind.AUTH, message)
        if answer.status in _MISADDRESSED:
            return failure(Kind.SETUP, message)
        return failure(Kind.RETRY if answer.status in _NOT_DONE else Kind.UNKNOWN, message, wait=answer.wait)

    def _fault(self, call: Call, fault: FaultAnswer, answer: Answer, where: str) -> HubError:
        kind = next(
            (rule.kind for rule in (*call.faults, *self.endpoint.faults) if _matches(rule, fault)),
            _standard_kind(fault.code),
        )
        shown_text = self.mask(fault.text)
        detail = f" ({self.mask(fault.detail)})" if fault.detail else ""
        return failure(
            kind,
            f"{where}: fault {fault.code or 'without code'}: {shown_text}{detail}",
            wait=answer.wait,
            hint="" if kind is not Kind.SETUP else "If this fault means something else, say so in `faults`.",
        )

    def _result_code(self, call: Call, tree: Tree, where: str) -> None:
        rule = call.result_code or self.endpoint.result_code
        if rule is None:
            return
        code = answers.text(answers.at(tree, rule.path))
        if code in rule.ok:
            return
        if not code:
            raise failure(Kind.UNKNOWN, f"{where}: the answer holds no result code at '{rule.path}'")
        label = answers.text(answers.at(tree, rule.label)) if rule.label else ""
        raise failure(rule.kinds.get(code, Kind.INVALID), self.mask(f"{where}: result {code}: {label[:200]}"))

    # -- opening -------------------------------------------------------------------------------------------------

    def _open(self) -> Any:
        """The service proxy. Problems are errors at the line of ``wsdl`` (or of what else is wrong)."""
        endpoint, folder = self.endpoint, self.located.file.parent
        remote = urlsplit(endpoint.wsdl).scheme in ("http", "https")
        wsdl = endpoint.wsdl if remote else str((folder / endpoint.wsdl).resolve())
        self.transport = SafeTransport(
            wsdl,
            endpoint.timeouts,
            answer_bytes=endpoint.answer_bytes,
            tls=endpoint.tls,
            folder=folder,
            schemas={url: folder / file for url, file in endpoint.schemas.items()},
            proxy=endpoint.proxy,
            http=(self._secret("http", endpoint.http.user), self._secret("http", endpoint.http.password))
            if endpoint.http
            else None,
        )
        token = endpoint.username_token
        wsse = None
        if token:
            user, password = (self._secret("username_token", one) for one in (token.user, token.password))
            wsse = UsernameToken(user, password, use_digest=token.digest)  # type: ignore[no-untyped-call]
        settings = zeep.Settings(
            strict=False, raw_response=True, xsd_ignore_sequence_order=True, forbid_dtd=True, forbid_entities=True
        )
        try:
            self._zeep: Any = zeep.Client(  # type: ignore[no-untyped-call]
                wsdl, wsse=wsse, transport=self.transport, settings=settings
            )
            return self._bind(remote)
        except Exception as error:
            known = classify(error, f"{self.name}: the WSDL {shown(wsdl) if remote else wsdl}", self.mask)
            self.transport.close()
            if isinstance(known, EndpointSetup) and known.file is None:
                known.file, known.line = str(self.located.file), self.located.line(("wsdl",))
            raise known from None

    def _bind(self, remote: bool) -> Any:
        endpoint, services = self.endpoint, self._zeep.wsdl.services
        if not services:
            raise EndpointSetup("the WSDL defines no service")
        if endpoint.service and endpoint.service not in services:
            raise self._wrong(("service",), f"the WSDL has no service '{endpoint.service}'", endpoint.service, services)
        ports = {
            name: port
            for name, port in services[endpoint.service or next(iter(services))].ports.items()
            if isinstance(port.binding, SoapBinding)
        }
        if not ports:
            raise EndpointSetup("that service has no SOAP port")
        if endpoint.port and endpoint.port not in ports:
            raise self._wrong(("port",), f"that service has no SOAP port '{endpoint.port}'", endpoint.port, ports)
        port = ports[endpoint.port or next(iter(ports))]
        address = endpoint.address or port.binding_options["address"]
        if remote and not endpoint.address and origin(address) != origin(endpoint.wsdl):
            raise EndpointSetup(
                f"the WSDL says that the service is at {shown(address)}, another place than the WSDL itself",
                hint=f"If that is right, or to use another one, add the line: address: {shown(address)}",
            )
        return self._zeep.create_service(str(port.binding.name), address)

    def _secret(self, key: str, name: str) -> str:
        if name not in self.secrets:
            raise self._wrong(
                (key,), f"`{key}` names the credential '{name}', which is not under `credentials`", name, self.secrets
            )
        return self.secrets[name].reveal()

    def _wrong(self, path: tuple[str | int, ...], message: str, word: str, known: Any) -> EndpointSetup:
        return EndpointSetup(
            message, hint=did_you_mean(word, list(known)), file=str(self.located.file), line=self.located.line(path)
        )

    def _request_type(self, call: Call) -> Any:
        """The type of what the Body holds: the wrapper of document/literal, all parts of rpc; empty for none."""
        body = self._service._binding.get(call.operation).input.body
        return zeep.xsd.ComplexType() if body is None else body.type

    def _check_operations(self) -> None:
        """Every configured operation and parameter against the WSDL, before anything is called."""
        operations = self._service._binding.all()
        for path, call in _calls(self.endpoint):
            if call.operation not in operations:
                raise self._wrong(
                    (*path, "operation"), f"the WSDL has no operation '{call.operation}'", call.operation, operations
                )
            members = [name for name, _ in getattr(self._request_type(call), "elements", [])]
            for name, value in self._parameters(call).items():
                place = (*path, "parameters", name) if name in call.parameters else ("parameters", name)
                if name.split("/")[0] not in members:
                    raise self._wrong(place, f"operation '{call.operation}' has no parameter '{name}'", name, members)
                credential = value.removeprefix("$credential.")
                if value.startswith("$credential.") and credential not in self.secrets:
                    raise self._wrong(place, f"there is no credential '{credential}'", credential, self.secrets)
                if value == "$session" and self.endpoint.session in (None, call):
                    raise self._wrong(place, "`$session` is used where there is no session yet", "", ())


def _calls(endpoint: Endpoint) -> list[tuple[tuple[str | int, ...], Call]]:
    found: list[tuple[tuple[str | int, ...], Call]] = []
    if endpoint.session:
        found.append((("session",), endpoint.session))
    for kind, pull in endpoint.pull.items():
        found.append((("pull", kind), pull))
        if pull.reread:
            found.append((("pull", kind, "reread"), pull.reread))
    for kind, push in endpoint.push.items():
        steps = {"find": push.find, "create": push.create, "read": push.read, "update": push.update}
        found += [(("push", kind, name), call) for name, call in steps.items() if call]
    return found


def _matches(rule: FaultRule, fault: FaultAnswer) -> bool:
    return (not rule.code or rule.code == fault.code) and rule.text.casefold() in fault.text.casefold()


def _standard_kind(code: str) -> Kind:
    """What SOAP's own fault codes say (1.1 §4.4.1, 1.2 §5.4.6) and those of WS-Security; any other code is the
    application's word about this one call."""
    first = code.partition(".")[0]
    if first in ("Server", "Receiver"):
        return Kind.UNKNOWN
    if first in ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown"):
        return Kind.SETUP
    if code in (
        "FailedAuthentication",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "FailedCheck",
        "SecurityTokenUnavailable",
        "Client.Authentication",
        "Client.Authorization",
    ):
        return Kind.AUTH
    return Kind.INVALID
