"""A process that is killed between the ERP's work and the hub's memory leaves one order, not two."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.model import Order
from hub_soap.connector import SoapConnector
from hub_soap.demo_erp import DemoErp

PROGRAM = """
import json, sys
from pathlib import Path
import hub_soap
from hub.mapping.library import MappingLibrary
from hub.model import Order
library = MappingLibrary(hub_soap.hub_register_mappings(), converters=hub_soap.hub_register_converters())
connector = hub_soap.hub_register_connectors()[0].open({"file": Path(sys.argv[1]), "library": library})
receipt = connector.push(Order.read_json(sys.argv[2]), "hub-1")
print(json.dumps([receipt.external_id, receipt.created]))
"""


def start(file: Path, order: Order) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(file), order.to_json()], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("operation", ["findOrder", "createOrder", "getOrder"])
def test_killed_while_it_waits_for_an_answer(
    erp: DemoErp, endpoint: Callable[..., Path], order: Order, operation: str
) -> None:
    file = endpoint()
    erp.misbehave(operation, "hold")
    with start(file, order) as process:
        assert erp.held.wait(20)
        process.kill()
    erp.release.set()
    with start(file, order) as process:
        out, _ = process.communicate(timeout=20)
    number, created = json.loads(out)
    assert (number, created) == ("SO-000001", operation == "findOrder")
    assert [one["externalKey"] for one in erp.data.orders()] == ["hub-1"]


def test_the_erp_is_killed_after_the_work(
    tmp_path: Path, endpoint: Callable[..., Path], connect: Callable[..., SoapConnector], order: Order
) -> None:
    command = [sys.executable, "-m", "hub_soap.demo_erp", "--orders", str(tmp_path / "o.sqlite"), "--while-stdin"]

    def run(port: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen([*command, "--port", port], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, process.stdout.readline().split()[1]

    first, url = run("0")
    file = endpoint()
    text = file.read_text("utf-8")
    wsdl = next(line for line in text.splitlines() if line.startswith("wsdl:"))
    connector = connect((wsdl, f'wsdl: "{url}?wsdl"'))
    assert connector.push(order, "hub-1").created
    first.kill()
    first.communicate()
    second, _ = run(url.rpartition(":")[2].partition("/")[0])
    receipt = connector.push(order, "hub-1")
    assert (receipt.external_id, receipt.created) == ("SO-000001", False)
    second.communicate("", timeout=20)
    assert second.returncode == 0
