"""Peak memory of ``hub translate`` and ``hub check`` on a large interchange, beside a small one."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.orders import x12_parts
from tests.bench.timing import say

SIZES = {"5 MB": 7_400, "500 MB": 740_000}
"""Orders in a file of about this size."""


def _peak(*command: str) -> float:
    """Peak resident memory of a command in MB, measured by a parent of its own."""
    code = (
        "import resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    out = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True).stdout
    status, kilobytes = out.split()
    if status != "0":
        raise RuntimeError(f"{' '.join(command)} ended with {status}")
    return int(kilobytes) * resource.getpagesize() / 4096 / 1024


def main() -> None:
    """Print both peaks and their ratio for each command."""
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for size, count in SIZES.items():
            files[size] = Path(folder) / f"{count}.edi"
            with files[size].open("w") as stream:
                stream.writelines(x12_parts(count))
        for command in ("check", "translate"):
            peaks = {size: _peak(sys.executable, "-m", "hub", command, str(file)) for size, file in files.items()}
            small, large = peaks.values()
            shown = ", ".join(f"{size}: {peak:.1f} MB" for size, peak in peaks.items())
            say(f"hub {command}: {shown}, ratio {large / small:.2f} (target 1.3)")
