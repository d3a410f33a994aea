"""An rpc/encoded server in the manner of nusoap: arrays that lie about their type, mandatory members, result codes,
the password in every call, no paging, no filter, a WSDL on disk whose address cannot be reached."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hub.errors import ConfigurationError, DocumentRejected, TemporaryError
from hub.mapping.library import MappingLibrary
from hub.model import Order
from hub_soap.connector import SoapConnector, open_endpoint

SAMPLES = Path(__file__).parents[2] / "samples" / "soap"
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?><e:Envelope e:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"
 xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:x="http://www.w3.org/2001/XMLSchema"
 xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:n="http://schemas.xmlsoap.org/soap/encoding/"><e:Body>
<ns1:{0}Response xmlns:ns1="urn:rpc-erp"><result i:type="ns1:result"><result_code i:type="x:string">{1}</result_code>
<result_label i:type="x:string">{2}</result_label></result>{3}</ns1:{0}Response></e:Body></e:Envelope>"""
ENDPOINT = """
type: soap
wsdl: rpc-erp.wsdl
address: {0}
credentials: {{ login: "env:RPC_LOGIN", password: "env:RPC_PASSWORD" }}
parameters: {{ authentication/login: $credential.login, authentication/password: $credential.password }}
retries: {{ attempts: 2, wait: 0 }}
fixes: {{ skip_missing: true, empty_parameters: true }}
result_code:
  path: result/result_code
  label: result/result_label
  kinds: {{ NOT_FOUND: not_found, BAD_CREDENTIALS: auth, TOO_MANY: retry }}
pull:
  Party:
    operation: getListOfCustomers
    mapping: soap/rpc.customer
    items: customers/customer
    id: id
push:
  Order:
    mapping: soap/rpc.order
    find: {{ operation: getOrder, parameters: {{ ref_ext: $key }}, item: order, id: id }}
    create: {{ operation: createOrder, parameters: {{ order: $document, order/ref_ext: $key }}, id: id }}
    read: {{ operation: getOrder, parameters: {{ id: $id }}, item: order, key: ref_ext }}
    settle: 0
"""
CUSTOMER = """
document: Party
tree: { id: external_id, name: legal_name, blocked: "status | flag(1: blocked, 0: active)" }
"""
ORDER = """
document: Order
tree:
  number: buyer_order_id
  lines/line: { into: "lines[]", number: line_id, quantity: quantity.value | decimal }
"""


class Server:
    """Answers prepared by the test, one for each operation; what was asked is kept."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.asked: list[tuple[str, Any]] = []

    def say(self, operation: str, *answers: tuple[str, str, str]) -> None:
        self.answers.setdefault(operation, []).extend(ENVELOPE.format(operation, *answer) for answer in answers)


@pytest.fixture
def server() -> Iterator[tuple[Server, str]]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            root = etree.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
            call = root[-1][0]
            name = etree.QName(call).localname
            state.asked.append((name, call))
            content = state.answers[name].pop(0).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/xml; charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield state, f"http://127.0.0.1:{http.server_address[1]}/soap.php"
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def connector(server: tuple[Server, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoapConnector]:
    monkeypatch.setenv("RPC_LOGIN", "hub")
    monkeypatch.setenv("RPC_PASSWORD", "very & secret")
    (tmp_path / "mappings" / "soap").mkdir(parents=True)
    (tmp_path / "mappings" / "soap" / "rpc.customer.yaml").write_text(CUSTOMER)
    (tmp_path / "mappings" / "soap" / "rpc.order.yaml").write_text(ORDER)
    (tmp_path / "rpc-erp.wsdl").write_bytes((SAMPLES / "rpc-erp.wsdl").read_bytes())
    (tmp_path / "rpc.yaml").write_text(ENDPOINT.format(server[1]))
    opened = open_endpoint({"file": tmp_path / "rpc.yaml", "library": MappingLibrary([tmp_path / "mappings"])})
    yield opened
    opened.close()


def customers(announced: int, *names: str) -> str:
    row = '<customer i:type="x:"><id i:type="x:int">{0}</id><name>{1}</name><blocked>0</blocked></customer>'
    rows = "".join(row.format(number, name) for number, name in enumerate(names, 1))
    return f'<customers i:type="n:Array" n:arrayType=":[{announced}]">{rows}</customers>'


def order(number: str, quantity: str, key: str = "hub-1") -> str:
    return (
        f'<order i:type="ns1:order"><id>7</id><ref_ext>{key}</ref_ext><number>{number}</number>'
        f'<total i:type="x:double">49.960000000000001</total><lines n:arrayType=":[1]"><line><number>1</number>'
        f'<quantity i:type="x:string">{quantity}</quantity></line></lines></order>'
    )


def test_arrays_without_a_type_are_read_and_counted(server: tuple[Server, str], connector: SoapConnector) -> None:
    state, _ = server
    state.say("getListOfCustomers", ("OK", "", customers(2, "Ä &amp; B", "C")))
    (batch,) = connector.pull("Party", None)
    assert [one.canonical_dict()["legal_name"] for one in batch.documents] == ["Ä & B", "C"]
    assert batch.watermark.startswith("sha256:")
    state.say("getListOfCustomers", ("OK", "", customers(2, "Ä &amp; B", "C")))
    assert list(connector.pull("Party", batch.watermark)) == []
    state.say("getListOfCustomers", ("OK", "", customers(3)), ("OK", "", customers(3)))
    with pytest.raises(TemporaryError, match="announces 3 items and holds 0"):
        list(connector.pull("Party", None))


def test_an_order_by_result_codes(server: tuple[Server, str], connector: SoapConnector) -> None:
    state, _ = server
    state.say("getOrder", ("NOT_FOUND", "", '<order i:nil="true"/>'), ("OK", "", order("PO-1", "2.50000000")))
    state.say("createOrder", ("OK", "", "<id>7</id>"))
    document = Order.read_json({"buyer_order_id": "PO-1", "lines": [{"line_id": "1", "quantity": {"value": "2.5"}}]})
    receipt = connector.push(document, "hub-1")
    assert (receipt.external_id, receipt.created, receipt.findings) == ("7", True, ())
    _, created = state.asked[1]
    assert created.findtext("authentication/password") == "very & secret"
    assert created.find("order/id") is None
    assert created.findtext("order/ref_ext") == "hub-1"
    assert created.findtext("order/lines/line/quantity") == "2.5"
    assert state.asked[0][1].findtext("id") in ("", None)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("KO", DocumentRejected),
        ("BAD_CREDENTIALS", ConfigurationError),
        ("TOO_MANY", TemporaryError),
        ("", TemporaryError),
    ],
)
def test_other_result_codes(
    server: tuple[Server, str], connector: SoapConnector, code: str, error: type[Exception]
) -> None:
    state, _ = server
    state.say("getOrder", *[("NOT_FOUND", "", "")] * 4)
    state.say("createOrder", *[(code, "ErrorProduct very &amp; secret", "")] * 4)
    with pytest.raises(error) as failed:
        connector.push(Order.read_json({"buyer_order_id": "PO-1"}), "hub-1")
    assert "very & secret" not in str(failed.value)
