"""820 and 816: several loops of a message that are one payment, one message that is several parties; and converters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.mapping.converters import Environment, Pair, Unmapped
from hub.mapping.library import MappingLibrary
from hub.model import Document, Party, Payment, review
from hub_x12.converting.joined import CONVERTERS

PAYMENT = ("BPR*I*100*C*ACH*CCP*01*999999992*DA*1*2*3*01*011000015*SG*4*20260211", "TRN*1*T-1", "CUR*PR*USD")


def read(library: MappingLibrary, name: str, *lines: str) -> list[Any]:
    compiled = library.compiled(name)
    segments = [line.split("*") for line in lines]
    reading = compiled.read(segments, compiled.structure.walk([one[0] for one in segments]).places)
    assert reading.documents, reading.findings
    return list(reading.documents)


def payment(library: MappingLibrary, *lines: str, head: Sequence[str] = PAYMENT) -> Any:
    (found,) = read(library, "x12/820.004010", *head, *lines)
    return found


def written(library: MappingLibrary, name: str, *documents: Document) -> list[list[str]]:
    findings: list[Any] = []
    made = library.compiled(name).messages(list(documents), findings)
    assert not findings, findings
    return [["*".join(one if isinstance(one, str) else str(one) for one in segment) for segment in message]
            for message in made]  # fmt: skip


def warned(document: Document) -> list[str]:
    return [one.code for one in review(document) if one.severity.value != "notice"]


def pair(library: MappingLibrary, name: str, args: Sequence[str] = ()) -> Pair:
    made = next(one for one in CONVERTERS if one.name == name)
    return made.make(args, Environment(library.codes, "x12", "004010"))


def test_several_entities_are_one_list_of_allocations(library: MappingLibrary) -> None:
    lines = ("ENT*01", "RMR*IV*A**60", "ENT*01", "RMR*IV*B**50", "RMR*CM*C**-10", "ENT", "ADX*0*52")
    found = payment(library, *lines)
    assert [(one.invoice_id, one.entity, str(one.amount.amount)) for one in found.allocations] == [
        ("A", 1, "60"), ("B", 2, "50"), ("C", 2, "-10"),
    ]  # fmt: skip
    assert len(found.entities) == 3
    assert {one.amount.currency for one in found.allocations} == {found.amount.currency} == {"USD"}
    assert not warned(found)
    assert [one for one in written(library, "x12/820.004010", found)[0] if one[:3] in ("ENT", "RMR", "ADX")] == [
        "ENT*01", "RMR*IV*A**60", "ENT*01", "RMR*IV*B**50", "RMR*CM*C**-10", "ENT", "ADX*0*52",
    ]  # fmt: skip


def test_accounts_of_both_sides(library: MappingLibrary) -> None:
    found = payment(library)
    assert found.originator_account.bank.scheme == "aba_routing"
    assert (found.originator_account.account, found.originator_account.type) == ("1", "demand_deposit")
    assert (found.receiver_account.account, found.receiver_account.type) == ("4", "savings")
    assert (found.originator, found.originator_supplement) == ("2", "3")


def test_a_bank_number_has_a_check_digit(library: MappingLibrary) -> None:
    assert not warned(payment(library))
    for wrong, code in (("999999991", "check_digit"), ("99999999", "length")):
        found = payment(library, head=[PAYMENT[0].replace("999999992", wrong)])
        assert warned(found) == [f"model.identifier.{code}"]


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (("TRN*1*T-1",), "T-1"),
        (("REF*CK*2395888",), "2395888"),
        (("REF*ZZ*1", "REF*EF*E-7"), "E-7"),
        (("REF*ZZ*1",), ""),
    ],
)
def test_the_number_of_a_payment(library: MappingLibrary, lines: tuple[str, ...], number: str) -> None:
    found = payment(library, *lines, head=PAYMENT[:1])
    assert found.payment_id == number
    made = written(library, "x12/820.004010", found)[0]
    assert [one for one in made if one[:3] in ("TRN", "REF")] == list(lines)


def test_what_is_allocated_and_adjusted_is_what_was_paid(library: MappingLibrary) -> None:
    assert not warned(payment(library, "ENT*1", "ADX*-20*50", "RMR*IV*A**120*130*10"))
    assert warned(payment(library, "ENT*1", "RMR*IV*A**120")) == ["model.payment.allocated"]


def test_an_allocation_without_entity_gets_one(library: MappingLibrary) -> None:
    item = {"invoice_id": "A", "document_type": "invoice", "amount": {"amount": "5"}}
    own = Payment.model_validate(
        {"payment_id": "P-1", "amount": {"amount": "5"}, "handling": "advice_only", "direction": "credit",
         "method": "cheque", "allocations": [item]}
    )  # fmt: skip
    (made,) = written(library, "x12/820.004010", own)
    assert made == ["BPR*I*5*C*CHK", "TRN*1*P-1", "ENT*1", "RMR*IV*A**5"]


def test_an_allocation_under_no_entity_is_refused(library: MappingLibrary) -> None:
    odd = payment(library, "ENT*1", "RMR*IV*A**60")
    odd = odd.model_copy(update={"allocations": (odd.allocations[0].model_copy(update={"entity": 4}),)})
    findings: list[Any] = []
    assert library.compiled("x12/820.004010").messages([odd], findings) == []
    assert "under entity 4" in findings[0].message


def test_the_parties_of_an_organization(library: MappingLibrary, x12: Any, samples: Path) -> None:
    (message,) = x12.read((samples / "816-stores.edi").read_bytes()).messages
    office, store, warehouse = message.documents
    assert [one.roles for one in message.documents] == [("corporate_office",), ("store",), ("warehouse",)]
    assert [one.type for one in store.relations] == ["parent"]
    assert {store.relations[0].to_party, warehouse.relations[0].to_party} == {office.external_id}
    assert store.announcement.roles["message_from"].name == "NORTHGATE FOODS INC"
    again = written(library, "x12/816.004010", *message.documents)
    assert len(again) == 1
    assert [one for one in again[0] if one.startswith("HL")] == ["HL*1**35", "HL*2*1*36", "HL*3*1*36"]


def test_parties_that_nobody_announced_become_a_tree(library: MappingLibrary) -> None:
    head = Party.model_validate({"external_id": "HQ", "legal_name": "HEAD", "level": "company"})
    under: Any = {"type": "parent", "from_party": "1", "to_party": "HQ"}
    store = Party.model_validate({"external_id": "1", "legal_name": "ONE", "roles": ["store"], "relations": [under]})
    (made,) = written(library, "x12/816.004010", head, store)
    assert made == ["BHT*ZZZZ*00", "HL*1**35", "N1*BU*HEAD", "HL*2*1*36", "N1*SN*ONE"]


def test_parties_of_two_announcements_are_two_messages(library: MappingLibrary) -> None:
    one, two = (
        read(library, "x12/816.004010", f"BHT*0065*00*{number}", "N1*FR*X", "HL*7**36", "N1*SN*A", "N1*WH*B")
        for number in ("M1", "M2")
    )
    first, second = written(library, "x12/816.004010", *one, *two)
    assert first[0] == "BHT*0065*00*M1"
    assert second[2:] == ["HL*7**36", "N1*SN*A", "N1*WH*B"]  # two parties on one level


def test_periods(library: MappingLibrary) -> None:
    made = pair(library, "x12_period")
    assert made.write is not None
    for parts in (("RD8", "20260101-20260131"), ("D8", "20260101")):
        assert made.write(made.read(parts)) == parts
    assert made.read(("D8", "20260101")) == {"start": date(2026, 1, 1), "end": date(2026, 1, 1)}
    for parts in (("CM", "202601"), ("RD8", "")):
        with pytest.raises(Unmapped):
            made.read(parts)
    with pytest.raises(ValueError, match="range"):
        made.read(("RD8", "20260101"))
    with pytest.raises(ValueError, match="first and a last"):
        made.write({"start": date(2026, 1, 1)})


def test_rates_of_exchange(library: MappingLibrary) -> None:
    made = pair(library, "x12_exchange")
    assert made.write is not None
    assert made.read(("0.92", "eur")) == {"target": "EUR", "rate": Decimal("0.92")}
    assert made.write(made.read(("0.92", "EUR"))) == ("0.92", "EUR")
    with pytest.raises(Unmapped):
        made.read(("0.92", ""))


def test_numbered_references(library: MappingLibrary) -> None:
    made = pair(library, "x12_numbered", ["x12.128"])
    assert made.write is not None
    assert made.write(made.read(("BM", "1"))) == ("BM", "1")
    with pytest.raises(Unmapped) as kept:
        made.read(("?!", "1"))
    assert made.write(kept.value.instead) == ("?!", "1")
    with pytest.raises(Unmapped, match="no reference"):
        made.read(("BM", ""))
    with pytest.raises(ValueError, match="no qualifier"):
        made.write({"type": "whatever", "id": "1"})
    with pytest.raises(ValueError, match="needs"):
        pair(library, "x12_numbered")


def test_real_payments_become_payments(x12: Any, real_files: list[Path]) -> None:
    files = [one for one in real_files if one.name.startswith(("820", "816"))]
    if not files:
        pytest.skip("the collection of real files is not here")
    for file in files:
        for message in x12.read(file.read_bytes()).messages:
            if message.accepted:
                assert message.documents, file.name
                for found in message.documents:
                    if isinstance(found, Payment):
                        assert found.allocations, file.name
