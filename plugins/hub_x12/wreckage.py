"""When what was sent is only wreckage, and reading it to its end would cost more than it can tell."""

from __future__ import annotations

FAULTS, FAULT_BYTES = 500, 250
"""Reading is given up once more than ``FAULTS`` pieces were rejected or empty, and more than one for every
``FAULT_BYTES`` bytes: sets and groups of an interchange, interchanges of a payload. Real ones are longer than that, so
only wreckage is: a megabyte of empty ST would take minutes and hundreds of megabytes to refuse one by one, and its
answer would be larger than itself."""


def hopeless(spoiled: int, size: int) -> bool:
    """Whether ``spoiled`` pieces in ``size`` bytes are wreckage."""
    return spoiled > FAULTS and spoiled - FAULTS > size // FAULT_BYTES
