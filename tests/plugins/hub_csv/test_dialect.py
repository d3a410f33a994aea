"""The ``format:`` block: what it says, and what is said about what it cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub_csv.dialect import Dialect, dialect_of


def test_nothing_said_is_rfc_4180() -> None:
    assert dialect_of({}, "m") == Dialect()


def test_everything_said() -> None:
    form: dict[str, Any] = {
        "type": "csv", "encoding": "UTF-8-SIG", "delimiter": "tab", "quote": "'", "escape": "\\", "header": "false",
        "columns": ["a", "b"], "decimal": ",", "thousands": ".", "dates": "%d.%m.%Y", "skip": "2", "comment": "#",
        "trim": "false", "ragged": "fill", "formulas": "keep", "line-end": "lf", "regroup": "10",
        "max": {"columns": "3", "rows": "4", "row-bytes": "5"}, "with": "csv/other",
    }  # fmt: skip
    assert dialect_of({"format": form}, "m") == Dialect(
        "utf-8", "\t", "'", "\\", False, ("a", "b"), 2, "#", False, True, False, "\n", 10, 3, 5, 4, ("csv/other",)
    )


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"delimeter": ";"}, "delimeter is not known\n  Did you mean delimiter?"),
        ({"qqq": ";"}, "Known are: columns"),
        ({"encoding": "utf-42"}, "encoding: utf-42 is not known"),
        ({"encoding": "utf-7"}, "encoding: utf-7 cannot be used for tables"),
        ({"encoding": "rot13"}, "encoding: rot13 cannot be used"),
        ({"delimiter": ";;"}, "delimiter: ';;' is not one character"),
        ({"delimiter": ""}, "delimiter: '' is not one character"),
        ({"delimiter": "\n"}, "is not one character"),
        ({"delimiter": '"'}, "must be different characters"),
        ({"header": "maybe"}, "header: maybe is none of true, false"),
        ({"header": "false"}, "header: false needs columns"),
        ({"columns": ["a", "a"]}, "columns: names a column twice"),
        ({"columns": {"a": "b"}}, "columns: is not a list of names"),
        ({"decimal": "x"}, "decimal: 'x' is neither"),
        ({"decimal": ",", "thousands": ","}, "thousands: ',' cannot be told"),
        ({"skip": "-1"}, "skip: -1 is not a whole number"),
        ({"max": {"row": "1"}}, "format: max: row is not known\n  Did you mean rows?"),
        ({"line-end": "x"}, "line-end: x is none of crlf, lf, cr"),
    ],
)
def test_what_cannot_be_is_said(form: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        dialect_of(form, "csv/m")
    assert str(caught.value).startswith("mapping csv/m, format")
    assert text in str(caught.value)


def test_escape_may_be_the_quote() -> None:
    assert dialect_of({"escape": '"'}, "m").escape == '"'
