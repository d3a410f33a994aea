"""Who holds a lock, so that another process of this machine can see that it is dead and need not wait for its lease.

Linux only: elsewhere, and for processes of other machines or containers, nothing is known, and the lease counts.
"""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def this_process() -> str:
    """The name of this process: boot, process namespace, id and start time; "" where the system does not tell."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (_PROC / "self/ns/pid").readlink()
        return f"{boot} {namespace} {os.getpid()} {_started(os.getpid())}"
    except (OSError, ValueError):
        return ""


def is_dead(process: str) -> bool:
    """Whether a process with this name ran here and does not any more. False where that is not certain: ids are used
    again, and mean another process in another container."""
    mine = this_process().split()
    other = process.split()
    if len(mine) != 4 or len(other) != 4 or mine[:2] != other[:2]:
        return False
    try:
        return _started(int(other[2])) != other[3]
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def _started(process: int) -> str:
    """When it started, in clock ticks since the boot (proc(5), field 22); "" for one that has ended and waits for its
    parent. Raises FileNotFoundError where there is none."""
    # The second field is the program's name in parentheses, which may hold anything.
    fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]
