"""X12 855 and 865, answers to orders and to changes of them: one message is one ``OrderResponse``.

The message has a line (PO1, POC) with any number of answers to it (ACK): part now, part later, another item for
the rest. The document has a line for every answer, all with the order's line number.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from hub.mapping.forms import Data, MessageForm
from hub.model.dates import Period
from hub.model.document import Document
from hub.model.item import Item
from hub.model.order_response import OrderResponse, OrderResponseLine
from hub.model.quantity import Quantity
from hub.model.reference import QualifiedDate
from hub.model.value import Many, Value
from hub_x12.forms.form_class import dumped, form_of
from hub_x12.forms.indicators import told
from hub_x12.forms.order import (
    STATED,
    LinePlace,
    act,
    carriers,
    changing,
    nest,
    take_places,
    unit_of_rest,
)
from hub_x12.forms.sub_lines import unfolded

REQUEST = "request"
"""Type of the reference that an answer names (ACK06)."""


class LineAnswer(Value):
    """An ACK loop."""

    status_code: str = ""
    quantity: Quantity | None = None
    date: QualifiedDate | None = None
    promised: Period | None = None
    dates: Many[QualifiedDate] = ()
    request: str = ""
    substitute: Item | None = None
    reason: str = ""


_ANSWERED: Any = {"answers": (Many[LineAnswer], ()), "allowances_charges": STATED}
_Part: Any = form_of("AnsweredPart", OrderResponseLine, **_ANSWERED)
_BELOW: Any = {"places": (Many[LinePlace], ()), "parts": (Many[_Part], ()), **_ANSWERED}
_Line: Any = form_of("AnsweredLine", OrderResponseLine, **_BELOW)
_Change: Any = form_of("AnsweredChange", OrderResponseLine, change=(str, ...), **_BELOW)
AnswerForm = form_of("AnswerForm", OrderResponse, lines=(Many[_Line], ()), allowances_charges=STATED)
ChangeForm = form_of("ChangeAnswerForm", OrderResponse, lines=(Many[_Change], ()), allowances_charges=STATED)

_PROMISES = frozenset(
    ("promised", "current_schedule_delivery", "current_schedule_ship", "estimated_delivery", "promised_ship",
     "requested_delivery", "requested_ship")
)  # fmt: skip
"""What a date of an answer may be called (x12.374) where it is the day that is promised."""
_SAME = ("parent_line_id", "relation", "action", "change", "item", "ordered", "outstanding", "price")
"""Fields that all answers to a line share."""
_OWN = frozenset(("status_code", "quantity", "promised", "dates", "references", "substitute", "reason"))
"""Fields that every answer to a line has of its own."""


def read(form: Data) -> list[tuple[str, Data]]:
    """The response: a line for every answer, and one for a line that is not answered."""
    if "lines" in form:
        form["lines"] = list(_lines(form["lines"]))
    for holder in (form, *form.get("lines", ())):
        if "allowances_charges" in holder:
            told(holder)
    return [("OrderResponse", form)]


def _lines(lines: Sequence[Data]) -> Iterator[Data]:
    for line in lines:
        if "change" in line:
            act(line)
        if "outstanding" in line:
            unit_of_rest(line, "ordered")
        if "places" in line:
            take_places(line)
        yield from _answered(line)
        if "parts" in line:
            for part in unfolded(line):
                yield from _answered(part)


def _answered(line: Data) -> Iterator[Data]:
    answers = line.pop("answers", None)
    if not answers:
        yield line
        return
    shared = {name: copy.deepcopy(line[name]) for name in ("line_id", *_SAME) if name in line} if answers[1:] else {}
    for number, answer in enumerate(answers):
        _promise(answer)
        if not number:
            for name in ("dates", "references"):
                if name in answer:
                    answer[name] = [*line.get(name, ()), *answer[name]]
            line.update(answer)
            yield line
        else:
            answer.update(copy.deepcopy(shared))
            yield answer


def _promise(answer: Data) -> None:
    day = answer.pop("date", None)
    if day is not None and day["qualifier"] in _PROMISES:
        answer.setdefault("promised", {})["start"] = day["value"]
    elif day is not None:
        answer["dates"] = [day, *answer.get("dates", ())]
    if "request" in answer:
        answer["references"] = [{"type": REQUEST, "id": answer.pop("request")}]


def write(documents: Sequence[Document]) -> list[Data]:
    """One message for each response; answers to one line that stand one behind the other share it again."""
    return [_form(one) for one in documents]


def write_changes(documents: Sequence[Document]) -> list[Data]:
    """One message for each response to a change; a line that names no change is written as changed."""
    return changing([_form(one) for one in documents], "ordered")


def _form(response: Document) -> Data:
    form = dumped(response)
    carriers(form)
    nest(form, _together)
    return form


def _together(lines: Sequence[Data]) -> Iterator[Data]:
    """Lines with their answers: the first makes the line, the next ones are added to it where they say no more."""
    first: Data | None = None
    compared: Data = {}
    for line in lines:
        whole = {name: line.get(name) for name in ("line_id", *_SAME)}
        if (
            first is not None
            and first.get("answers")
            and whole == compared
            and line.keys() <= {"line_id", *_SAME, *_OWN}
        ):
            answer = _answer(line, own=True)
            if answer is not None:
                first["answers"].append(answer)
                continue
        if first is not None:
            yield first
        first, compared = line, whole
        answer = _answer(line, own=False)
        if answer:
            line["answers"] = [answer]
    if first is not None:
        yield first


def _plain(day: Data) -> bool:
    """Whether ACK04 and ACK05 can say a date, without being taken for the promised one."""
    return day.keys() == {"qualifier", "value"} and type(day["value"]) is date and day["qualifier"] not in _PROMISES


def _answer(line: Data, own: bool) -> Data | None:
    """What an ACK says, taken out of the line; with ``own`` nothing may be left over, else it is None."""
    promised = line.get("promised") or {}
    dates, references = list(line.get("dates") or ()), list(line.get("references") or ())
    requests = [one for one in references if one["type"] == REQUEST and one.keys() == {"type", "id"} and one["id"]]
    answer: Data = {name: line[name] for name in ("status_code", "quantity", "substitute", "reason") if name in line}
    if promised.get("start") is not None:
        answer["date"] = {"qualifier": "promised", "value": promised["start"]}
    if promised.get("end") is not None:
        answer["promised"] = {"end": promised["end"]}
    if own:
        if dates and "date" not in answer and _plain(dates[0]):
            answer["date"] = dates.pop(0)
        if dates and "promised" not in answer and dates[0]["qualifier"] != "latest":
            answer["dates"] = [dates.pop(0)]
        if dates or len(requests) != len(references) or len(references) > 1 or not answer:
            return None
    if requests and requests[-1] is references[-1]:
        answer["request"] = requests[-1]["id"]
        references.pop()
    for name in (*answer, "promised"):
        line.pop(name, None)
    line.pop("references", None)
    if references:
        line["references"] = references
    return answer


FORM = MessageForm(
    "x12.answer", AnswerForm, ("OrderResponse",), read, write,
    "855: the answer to an order, a line for every ACK",
)  # fmt: skip
CHANGE = MessageForm(
    "x12.change_answer", ChangeForm, ("OrderResponse",), read, write_changes,
    "865: the answer to a change of an order",
)  # fmt: skip
