"""Values that are remembered make the same documents and the same findings as values made anew."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.mapping.remembering import KEPT, Memory
from hub.model import Identifier, Quantity
from hub.model.checks import QUIET

WORDS = st.sampled_from(["", "1", "12", "-3", "0.5", "EA", "CA", "CS", "x", "012345678905", "012345678906", "UP", "VN"])
LINE = st.tuples(WORDS, WORDS, WORDS, st.sampled_from(["UP", "VN", "ZZ", ""]), WORDS, WORDS)
CURRENCIES = st.sampled_from(["", "USD", "EUR", "XQX", "us"])


def _text(lines: list[tuple[str, ...]], currency: str) -> str:
    head = f"BEG*00*SA*PO1**20260101~CUR*BY*{currency}~N1*ST*STORE*92*1~N4*TOWN*IL*1*USA"
    body = [f"PO1**{a}*{b}*{c}**{d}*{e}*VN*{f}".rstrip("*") for a, b, c, d, e, f in lines]
    return "~".join([head, *body])


def _told(reading) -> tuple[object, list[str]]:
    return reading.document and reading.document.canonical_dict(), [str(one) for one in reading.findings]


@given(st.lists(st.tuples(st.lists(LINE, max_size=3), CURRENCIES), min_size=2, max_size=4))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_remembered_changes_nothing(read_text, orders):
    texts = [_text(lines, currency) for lines, currency in orders]
    Memory.forget()
    fresh = []
    for text in texts:
        fresh.append(_told(read_text(text)))
        Memory.forget()
    kept = [_told(read_text(text)) for text in texts * 2]
    assert kept == fresh * 2


TERMS = st.sampled_from(["ITD*01*3*2**10**30", "ITD*01*3*2**10**30*500", "ITD*ZQ*3*x", "ITD*05", ""])
PARTY = st.sampled_from([
    "N1*ST*STORE*92*1~N3*1 MAIN ST~N4*TOWN*IL*1*US", "N1*ST*STORE*92*1", "N1*BY*STORE*92*1~PER*OC*ANN*TE*1",
    "N1*ST*STORE*92*1~N3*1 MAIN ST~N4*TOWN*IL*1*USA", "N1*QQ*STORE*92*1~REF*IA*7", "N1*ST*STORE*92*1~REF*IA*7**A>B",
    "N1*ST*STORE*92*1~N2*MORE~N2*AND MORE~N3*A*B~N3*C*D~N4*TOWN~PER*OC*ANN~PER*OC*BOB~REF*IA*7~REF*DP*8",
])  # fmt: skip
"""A party whose every segment is mapped, ones with codes or elements that are not, one longer than is remembered."""


@given(st.lists(st.tuples(st.lists(PARTY, max_size=3), TERMS, CURRENCIES), min_size=2, max_size=4))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parties_and_terms_that_come_again_change_nothing(read_text, orders):
    texts = []
    for parties, terms, currency in orders:
        parts = ["BEG*00*SA*PO1**20260101", f"CUR*BY*{currency}" if currency else "", terms, *parties]
        texts.append("~".join(part for part in [*parts, "PO1*1*12*EA*9.25**UP*012345678905"] if part))
    Memory.forget()
    fresh = []
    for text in texts:
        fresh.append(_told(read_text(text)))
        Memory.forget()
    assert [_told(read_text(text)) for text in texts * 2] == fresh * 2


def test_documents_share_what_is_the_same(read_text):
    line = ("12", "EA", "9.25", "UP", "012345678905", "SKU1")
    first, second = (read_text(_text([line], "USD")).document for _ in range(2))
    assert first.lines[0].quantity is second.lines[0].quantity
    assert first.lines[0].price is second.lines[0].price
    assert first.lines[0].item is second.lines[0].item
    assert first.roles["ship_to"] is second.roles["ship_to"]


def test_a_price_is_completed_for_each_currency(read_text):
    line = ("12", "EA", "9.25", "UP", "012345678905", "SKU1")
    found = [read_text(_text([line], currency)).document.lines[0].price.currency for currency in ("USD", "EUR", "USD")]
    assert found == ["USD", "EUR", "USD"]


def test_what_is_remembered_is_bounded():
    memory, other = Memory(Quantity), Memory(Identifier)
    Memory.forget()
    other.keep("once", {"scheme": "zz", "value": "1"})
    for number in range(KEPT):
        memory.keep(number, {"value": number, "unit": "EA"})
    assert sum(len(one.known) for one in (memory, other)) <= KEPT
    assert other.get("once") is None, "everything is forgotten together"
    assert len(QUIET) <= KEPT


def test_an_invalid_value_is_not_remembered():
    memory = Memory(Quantity)
    assert memory.keep("EA", {"unit": "EA"}) == {"unit": "EA"}
    assert memory.get("EA") is None
