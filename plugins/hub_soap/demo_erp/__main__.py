"""Run the demonstration ERP: ``python -m hub_soap.demo_erp --workspace DIR``.

Prints one line, ``ready URL``, and runs until it is told to stop, or until standard input ends with
``--while-stdin`` (so that it never outlives the demo that started it).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from importlib import resources
from pathlib import Path

from hub_soap.demo_erp import DemoErp


def write_endpoint(erp: DemoErp, workspace: Path, name: str = "erp") -> Path:
    """Write ``endpoints/NAME.yaml`` and its credentials into a workspace; the file's path."""
    text = resources.files(__package__).joinpath("endpoint.yaml").read_text("utf-8")
    secrets = workspace / "secrets"
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part, value in (("user", erp.user), ("password", erp.password)):
        with os.fdopen(os.open(secrets / f"erp-{part}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(value + "\n")
    file = workspace / "endpoints" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text.replace("@WSDL@", erp.wsdl), "utf-8")
    return file


def main(arguments: list[str] | None = None) -> int:
    """The program."""
    parser = argparse.ArgumentParser("python -m hub_soap.demo_erp", description="The demonstration ERP on loopback.")
    parser.add_argument("--port", type=int, default=0, help="port on loopback (default: any free one)")
    parser.add_argument("--orders", type=Path, help="SQLite file that keeps the orders (default: memory)")
    parser.add_argument("--workspace", type=Path, help="write endpoints/erp.yaml and its credentials into this folder")
    parser.add_argument("--while-stdin", action="store_true", help="stop when standard input ends")
    given = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with DemoErp(orders=given.orders, port=given.port) as erp:
        if given.workspace:
            write_endpoint(erp, given.workspace)
        sys.stdout.write(f"ready {erp.url}\n")
        sys.stdout.flush()
        if given.while_stdin:
            threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
        stop.wait()
    return 0


def _wait_for_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
