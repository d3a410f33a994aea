"""Write, read, write: what a mapping writes is read again without an error, and written again to the same bytes.

Every X12 mapping in the releases that most partners use, and in one of the others each; all of them, with more
interchanges: ``python -m tests.bench round_trip --count 100``.
"""

from __future__ import annotations

import pytest

from hub.exchange.overlays import version_of
from hub.exchange.session import Hub
from hub.partners import message_of
from hub_x12.generating.round_trip import difference, round_trips

MAPPED = "810 816 820 830 832 846 850 852 855 856 860 861 865 869 870 875 880 940 945"
USUAL = ("004010", "005010")
COUNT = 3


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub()


def _chosen() -> list[str]:
    with Hub() as hub:
        names = hub.library.of_standard("x12")
    out = [name for name in names if version_of(name) in USUAL]
    for at, message in enumerate(sorted({message_of(name) for name in names})):
        others = [name for name in names if message_of(name) == message and version_of(name) not in USUAL]
        out += others[at % len(others) :][:1] if others else []
    return sorted(out)


NAMES = _chosen()


def test_every_mapped_set_is_here() -> None:
    assert {message_of(name) for name in NAMES} >= set(MAPPED.split())
    assert len({version_of(name) for name in NAMES}) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_comes_back_as_it_was(hub: Hub, name: str) -> None:
    mapping = hub.library.compiled(name)
    trips = round_trips(mapping, message_of(name), mapping.version, COUNT, "suite")
    shown = "\n".join(f"{fault}: {example[0]}" for fault, example in trips.examples.items())
    assert trips.whole == trips.total == COUNT, shown


def test_a_difference_is_found_and_named(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = hub.library.compiled("x12/850.004010")
    numbers = iter(range(1_000))
    monkeypatch.setattr("hub_x12.translator.write_interchange", _counting(numbers))
    trips = round_trips(mapping, "850", "004010", 2, "suite")
    assert trips.whole == 0
    assert list(trips.faults) == ["comes back changed at BEG"]


def _counting(numbers):
    """The writer, with a mistake: what it was asked last time shows in what it writes."""
    from hub_x12.writing import write_interchange

    def write(groups, *rest):
        for group in groups:
            for one in group.sets:
                one.body[0][3] = f"PO{next(numbers)}"
        return write_interchange(groups, *rest)

    return write


def test_the_first_segment_that_differs_is_shown() -> None:
    assert difference(b"A*1~B*1~", b"A*1~B*2~") == ("B*1", "B*2")
    assert difference(b"A*1~", b"A*1~B*2~") == ("", "B*2")
    assert difference(b"A*1~", b"A*1~") == ("", "")
