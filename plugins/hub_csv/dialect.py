"""How one partner writes its tables: the ``format:`` block of a mapping file, checked and typed.

RFC 4180 is the base; every deviation a partner has is declared, none is guessed.
"""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import ConfigurationError

MULTIBYTE = ("utf-16", "utf-16-le", "utf-16-be")
"""Encodings in which a line end is not one byte."""

_ENCODINGS = re.compile(
    r"utf-8(-sig)?|utf-16(-[lb]e)?|ascii|iso8859-\d+|cp(125\d|437|850|852|855|858|866|932)|koi8-[ru]|mac-roman"
    r"|shift_jis|euc_(jp|kr)|gb18030|gbk|big5"
)
_WORDS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "none": ""}
_KEYS = (
    *("type", "encoding", "delimiter", "quote", "escape", "header", "columns", "decimal", "thousands", "dates"),
    *("datetimes", "skip", "comment", "trim", "ragged", "formulas", "line-end", "regroup", "max", "with"),
)
_LINE_ENDS = {"crlf": "\r\n", "lf": "\n", "cr": "\r"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """One feed's form. Counts of ``0`` mean that only the hub's own limits bound it.

    ``columns`` names the columns of a file without header. ``fill`` accepts rows that are too short. ``formulas``
    guards cells that a spreadsheet would run. ``regroup`` is how many rows may be kept to bring rows of one document
    together that do not follow each other. ``companions`` are mappings that read the same rows into other documents.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    header: bool = True
    columns: tuple[str, ...] = ()
    skip: int = 0
    comment: str = ""
    trim: bool = True
    fill: bool = False
    formulas: bool = True
    line_end: str = "\r\n"
    regroup: int = 0
    max_columns: int = 0
    max_row_bytes: int = 0
    max_rows: int = 0
    companions: tuple[str, ...] = ()


def dialect_of(options: Mapping[str, Any], mapping: str) -> Dialect:
    """The dialect that the mapping called ``mapping`` declares in ``format:``. Every scalar is a string there.
    Raises ``ConfigurationError`` for an unknown word or a value that cannot be."""
    form = options.get("format", options)
    read = _Block(form if isinstance(form, Mapping) else {}, mapping)
    largest = _Block(read.form.get("max") or {}, mapping, "format: max")
    largest.known(("columns", "rows", "row-bytes"))
    read.known(_KEYS)
    dialect = Dialect(
        encoding=read.encoding(),
        delimiter=read.character("delimiter", ",", blank=False),
        quote=read.character("quote", '"'),
        escape=read.character("escape", ""),
        header=read.flag("header", True),
        columns=read.names("columns"),
        skip=read.count("skip"),
        comment=read.character("comment", ""),
        trim=read.flag("trim", True),
        fill=read.choice("ragged", {"refuse": False, "fill": True}, "refuse"),
        formulas=read.choice("formulas", {"guard": True, "keep": False}, "guard"),
        line_end=read.choice("line-end", _LINE_ENDS, "crlf"),
        regroup=read.count("regroup"),
        max_columns=largest.count("columns"),
        max_rows=largest.count("rows"),
        max_row_bytes=largest.count("row-bytes"),
        companions=read.names("with"),
    )
    _check(dialect, read)
    return dialect


def _check(dialect: Dialect, read: _Block) -> None:
    marks = [mark for mark in (dialect.delimiter, dialect.quote, dialect.escape, dialect.comment) if mark]
    if dialect.escape and dialect.escape == dialect.quote:
        marks.remove(dialect.escape)  # the doubled quote of RFC 4180, said in another way
    if len(set(marks)) != len(marks):
        raise read.fault("delimiter, quote, escape and comment must be different characters")
    if not dialect.header and not dialect.columns:
        raise read.fault("header: false needs columns: [name, name, …], the columns in the order of the file")
    if len(set(dialect.columns)) != len(dialect.columns):
        raise read.fault("columns: names a column twice")
    decimal, thousands = read.character("decimal", "."), read.character("thousands", "")
    if decimal not in (".", ","):
        raise read.fault(f"decimal: {decimal!r} is neither '.' nor ','")
    if thousands == decimal or thousands.isalnum():
        raise read.fault(f"thousands: {thousands!r} cannot be told from the number")


@dataclass(slots=True)
class _Block:
    """Typed access to a block of strings; every fault names the mapping file and the line's key."""

    form: Mapping[str, Any]
    mapping: str
    where: str = "format"

    def fault(self, message: str, hint: str = "") -> ConfigurationError:
        return ConfigurationError(f"mapping {self.mapping}, {self.where}: {message}", hint=hint)

    def known(self, keys: Sequence[str]) -> None:
        for key in self.form:
            if key not in keys:
                close = difflib.get_close_matches(key, list(keys), 1)
                hint = f"Did you mean {close[0]}?" if close else f"Known are: {', '.join(sorted(keys))}"
                raise self.fault(f"{key} is not known", hint)

    def encoding(self) -> str:
        name = str(self.form.get("encoding", "utf-8"))
        try:
            found = codecs.lookup(name).name
        except LookupError:
            raise self.fault(f"encoding: {name} is not known", "Such as utf-8, utf-16, cp1252, latin-1.") from None
        if not _ENCODINGS.fullmatch(found):
            raise self.fault(f"encoding: {name} cannot be used for tables", "Such as utf-8, utf-16, cp1252, latin-1.")
        return "utf-8" if found == "utf-8-sig" else found

    def character(self, key: str, default: str, blank: bool = True) -> str:
        value = str(self.form.get(key, default))
        value = _WORDS.get(value, value)
        if len(value) > 1 or value in ("\r", "\n", "\x00") or (not value and not blank):
            raise self.fault(f"{key}: {value!r} is not one character", f"Or one of the words {', '.join(_WORDS)}.")
        return value

    def flag(self, key: str, default: bool) -> bool:
        return bool(self.choice(key, {"true": True, "false": False}, "true" if default else "false"))

    def choice(self, key: str, values: Mapping[str, Any], default: str) -> Any:
        value = str(self.form.get(key, default)).lower()
        if value not in values:
            raise self.fault(f"{key}: {value} is none of {', '.join(values)}")
        return values[value]

    def count(self, key: str) -> int:
        value = str(self.form.get(key, "0"))
        if not re.fullmatch(r"\d{1,12}", value, re.ASCII):
            raise self.fault(f"{key}: {value} is not a whole number")
        return int(value)

    def names(self, key: str) -> tuple[str, ...]:
        value = self.form.get(key) or ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
            raise self.fault(f"{key}: is not a list of names")
        return tuple(value)
