"""Which feed a file is: named by the agreement, or known by its header among the feeds there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError
from hub.findings import Finding, Position, error
from hub_csv.dialect import Dialect, dialect_of
from hub_csv.header import folded, shown
from hub_csv.lines import encoding_of, lines
from hub_csv.rows import Rows

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.translation import Envelope, ReadContext

STANDARD = "csv"
_ENOUGH = 0.6
"""The share of a feed's columns that a header must have to be known by it."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A mapping over records with its dialect, and the mappings that read the same rows into other documents."""

    name: str
    mapping: CompiledMapping
    dialect: Dialect
    companions: tuple[CompiledMapping, ...] = ()

    @property
    def group_by(self) -> str:
        """The column whose value brings rows together into one document; '' where each row is one."""
        return str(self.mapping.plan.group_by)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the mappings read."""
        return tuple(dict.fromkeys(column for one in (self.mapping, *self.companions) for column in one.plan.columns))


def split_name(name: str) -> tuple[str, str]:
    """``csv/marketplace-orders`` or ``marketplace-orders.2`` as message and version, for the mapping library."""
    message, _, version = name.removeprefix(f"{STANDARD}/").partition(".")
    return message, version


def choose(head: bytes, envelope: Envelope, context: ReadContext) -> Feed | Finding:
    """The feed to read a file with, or the finding that says why there is none.

    First what was chosen for this file or agreed with this partner, then the feed that an option names, then the
    header. Raises ``ConfigurationError`` where the agreement names a feed that cannot be used.
    """
    named = str(context.options(envelope).get("feed") or "")
    chosen = context.mapping(STANDARD, "", "", envelope)
    feed = _feed(chosen, envelope, context) if chosen else _named(named, envelope, context) if named else None
    if feed is not None and (not feed.dialect.header or _share(head, feed)[0] >= _ENOUGH):
        return feed
    known = getattr(context, "feeds", None)
    feeds: Sequence[CompiledMapping] = known() if callable(known) else ()
    if feed is None and not feeds:
        return error("csv.feed.unknown", "no feed is agreed for this file; name one: options: {feed: csv/…}")
    found = _by_header(head, feeds, envelope, context)
    # A partner may have agreed on several feeds; the header tells which, and the named one if it does not.
    return feed if feed is not None and isinstance(found, Finding) else found


def _named(name: str, envelope: Envelope, context: ReadContext) -> Feed:
    mapping = context.mapping(STANDARD, *split_name(name), envelope)
    if mapping is None:
        raise ConfigurationError(
            f"the agreement names the feed {name!r}, but there is no such mapping",
            hint="See 'hub mapping list'; feeds are the files in mappings/csv/.",
        )
    return _feed(mapping, envelope, context)


def _feed(mapping: CompiledMapping, envelope: Envelope, context: ReadContext) -> Feed:
    return feed_of(mapping, lambda other: context.mapping(STANDARD, *split_name(other), envelope))


def _share(head: bytes, feed: Feed) -> tuple[float, list[str], list[str]]:
    """Which share of a feed's columns a file's header has (0 without the one that groups), which it does not have,
    and the header."""
    names = header_names(head, feed.dialect)
    have = {folded(name) for name in names}
    absent = [column for column in feed.columns if folded(column) not in have]
    share = 1 - len(absent) / max(1, len(feed.columns))
    return (0 if feed.group_by in absent else share), absent, names


def feed_of(mapping: CompiledMapping, find: Any) -> Feed:
    """The feed of a mapping; ``find`` gives the companion mappings it names."""
    if mapping.shape != "records":
        raise ConfigurationError(f"mapping {mapping.name} is for {mapping.shape}, not for rows of a table")
    options: Mapping[str, Any] = {key: value for key, value in mapping.options.items() if key != "operation"}
    dialect = dialect_of(options, mapping.name)
    companions = []
    for name in dialect.companions:
        other = find(name)
        if other is None:
            raise ConfigurationError(f"mapping {mapping.name}, format: with: there is no mapping {name!r}")
        if other.plan.group_by != mapping.plan.group_by:
            raise ConfigurationError(
                f"mapping {mapping.name}, format: with: {name} groups its rows by another column",
                hint="Mappings that read the same rows must have the same group-by, or none.",
            )
        companions.append(other)
    return Feed(mapping.name, mapping, dialect, tuple(companions))


def _by_header(
    head: bytes, mappings: Sequence[CompiledMapping], envelope: Envelope, context: ReadContext
) -> Feed | Finding:
    """The one feed whose columns the header has most of. Feeds without header can only be named."""
    scores: list[tuple[float, Feed, list[str]]] = []
    seen: list[str] = []
    inner = {name for one in mappings for name in dialect_of_options(one).companions}
    for mapping in mappings:
        if mapping.name in inner:
            continue  # it is read together with the feed that names it
        feed = _feed(mapping, envelope, context)
        if not feed.dialect.header:
            continue
        share, absent, names = _share(head, feed)
        seen = max(seen, names, key=len)
        scores.append((share, feed, absent))
    scores.sort(key=lambda one: (-one[0], one[1].name))
    if scores and scores[0][0] >= _ENOUGH and (len(scores) == 1 or scores[1][0] < scores[0][0]):
        return scores[0][1]
    return _unknown(scores, seen)


def dialect_of_options(mapping: CompiledMapping) -> Dialect:
    """The dialect that a mapping declares."""
    return dialect_of({key: value for key, value in mapping.options.items() if key != "operation"}, mapping.name)


def header_names(head: bytes, dialect: Dialect) -> list[str]:
    """The names in the first row of a file's beginning, read in ``dialect``; [] if there is none."""
    encoding, mark, _ = encoding_of(head, dialect.encoding)
    found = lines(BytesIO(head), encoding, mark, len(head) + 1, len(head))
    row = next(iter(Rows(found, dialect, len(head) + 1)), None)
    return row.values if row is not None else []


def _unknown(scores: list[tuple[float, Feed, list[str]]], seen: list[str]) -> Finding:
    if scores and scores[0][0] >= _ENOUGH:
        equal = [feed.name for share, feed, _ in scores if share == scores[0][0]]
        text = f"the header fits the feeds {', '.join(equal)} equally well; name one: options: {{feed: {equal[0]}}}"
        return error("csv.feed.ambiguous", text, Position(line=1))
    text = f"no feed has a header like {shown(seen)}" if seen else "the file has no header row"
    if scores and scores[0][0] > 0:
        _, feed, absent = scores[0]
        text += f"; nearest is {feed.name}, but the columns {shown(absent)} are missing"
    text += "; write a mapping in mappings/csv/, or name a feed: options: {feed: csv/…}"
    return error("csv.feed.unknown", text, Position(line=1))
