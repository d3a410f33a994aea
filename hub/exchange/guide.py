"""``hub mapping guide``: the guide of a mapping as one partner gets it: what was agreed, the message, an example."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from hub.errors import HubError
from hub.exchange.context import ExchangeReadContext, ExchangeWriteContext, options_for
from hub.exchange.deviations import deviations_of
from hub.exchange.overlays import standard_of
from hub.exchange.reading import counting
from hub.mapping.blocks import Block, Code, Heading, Paragraph, Table
from hub.mapping.guide import Words, content, title
from hub.outline import Kind, Line, Outliner, Wording
from hub.partners import message_of
from hub.translation import EnvelopeParty, Generator

if TYPE_CHECKING:
    from pathlib import Path

    from hub.exchange.session import Hub
    from hub.mapping.compiled import CompiledMapping
    from hub.partners import Agreement, Partner

_NOW = datetime(2026, 1, 5, 8, 15, tzinfo=UTC)
EXAMPLE_BYTES = 20_000
"""How much of a sample file is shown."""


def guided(
    hub: Hub, compiled: CompiledMapping, partner: Partner | None = None, sample: Path | None = None
) -> Iterator[Block]:
    """The blocks of the guide. ``sample`` is a file to show as the example in place of a generated one."""
    standard, message = standard_of(compiled.name), message_of(compiled.name)
    translator = hub.plugins.translators.get(standard)
    direction, agreement = _agreed(partner, standard, message, compiled.version)
    options = options_for(partner, standard, agreement)
    words = Words(agreed=_codes(options))
    if isinstance(translator, Wording):
        name = translator.title(message, compiled.version)
        words = Words(name, partial(translator.meaning, compiled.version), translator.note, _codes(options))
    yield title(compiled, words)
    if partner is not None:
        yield from _agreement(hub, partner, standard, direction, agreement, options)
    if sample is not None:
        yield from _example(hub, sample.read_bytes()[:EXAMPLE_BYTES], standard)
    elif isinstance(translator, Generator) and compiled.shape == "segments":
        yield from _generated(hub, translator, compiled, options, incoming=direction != "out")
    elif compiled.shape == "records":
        yield Heading(2, "Example")
        yield Code(str(compiled.options.get("delimiter", ",")).join(compiled.plan.columns))
    yield from content(compiled, words)


def _agreed(partner: Partner | None, standard: str, message: str, version: str) -> tuple[str, Agreement | None]:
    if partner is not None:
        for direction in ("in", "out"):
            if found := partner.agreement(direction, standard, message, version):
                return direction, found[1]
    return "", None


def _codes(options: Mapping[str, Any]) -> Mapping[str, Any]:
    agreed = options.get("codes")
    return {str(key): value for key, value in agreed.items()} if isinstance(agreed, Mapping) else {}


# what was agreed


def _agreement(
    hub: Hub,
    partner: Partner,
    standard: str,
    direction: str,
    agreement: Agreement | None,
    options: Mapping[str, Any],
) -> Iterator[Block]:
    yield Heading(2, f"Agreed with {partner.file.title or partner.name}")
    rows = list(_facts(partner, standard, direction, agreement))
    hidden = {"partner", "deviations", "codes", "acknowledgment", "ta1", "feed"}
    rows += [(key, _plain(value)) for key, value in options.items() if key not in hidden]
    yield Table(("what", "agreed"), rows)
    known = deviations_of(hub.plugins.translators.get(standard))
    policies = partner.file.deviations.get(standard, {})
    if policies:
        yield Heading(3, "Deviations from the standard")
        described = {name: one.description for name, one in known.items()}
        yield Table(
            ("deviation", "policy", "what it is"),
            [(f"`{name}`", policy, described.get(name, "")) for name, policy in policies.items()],
        )


def _facts(partner: Partner, standard: str, direction: str, agreement: Agreement | None) -> Iterator[tuple[str, str]]:
    file = partner.file
    yield "partner", ", ".join(f"`{one}`" for one in file.identities.get(standard, ())) or partner.name
    if ours := file.our_identities.get(standard):
        yield "we", f"`{ours}`"
    if direction:
        yield "direction", "the partner sends it" if direction == "in" else "the partner gets it"
    if agreement is not None and agreement.version:
        yield "version", f"`{agreement.version}`"
    if answers := file.acknowledgments.get(standard):
        yield "acknowledgment", f"{answers.type or 'as the standard has it'}, {answers.when.replace('_', ' ')}"
        if answers.ta1:
            yield "TA1" if standard == "x12" else "envelope", answers.ta1
    if direction == "out":
        due = agreement.due if agreement is not None and agreement.due is not None else file.due
        yield "to be acknowledged within", str(due) if due is not None else "not waited for"
    if agreement is not None and agreement.response.rule != "none":
        yield "answered", agreement.response.rule.replace("_", " ")
    if file.all_or_nothing:
        yield "partial acceptance", "no: one bad message rejects the whole interchange"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plain, value))
    return "yes" if value is True else "no" if value is False else f"`{value}`"


# the example


class _Example(ExchangeWriteContext):
    """Writes with the mapping of the guide."""

    compiled: CompiledMapping

    def mapping(self, standard: str, message: str, version: str) -> CompiledMapping | None:
        return self.compiled


def _generated(
    hub: Hub, translator: Generator, compiled: CompiledMapping, options: Mapping[str, Any], *, incoming: bool
) -> Iterator[Block]:
    """A random valid interchange that this mapping reads; one seed, so that the page is the same every day."""
    context = _Example(
        hub, EnvelopeParty("SENDER", "ZZ"), EnvelopeParty("RECEIVER", "ZZ"), counting(), options=options, now=_NOW
    )
    context.compiled = compiled
    message = message_of(compiled.name)
    try:
        made = translator.generate(message, compiled.version, "guide", context, messages=1, incoming=incoming)
        payload = next(iter(made)).payload
    except (HubError, StopIteration):
        return  # what cannot be generated has no example; the guide stands without it
    yield from _example(hub, payload, translator.name, "Drawn at random: valid in form, without a meaning.")


def _example(hub: Hub, payload: bytes, standard: str, remark: str = "") -> Iterator[Block]:
    yield Heading(2, "Example")
    if remark:
        yield Paragraph(remark)
    text = payload.decode("utf-8", "replace")
    translator = hub.plugins.translators.get(standard)
    cut: list[str] = list(_segments(hub, translator, payload)) if isinstance(translator, Outliner) else []
    yield Code(_lines(text, cut))


def _segments(hub: Hub, translator: Outliner, payload: bytes) -> Iterator[str]:
    for item in translator.outline(io.BytesIO(payload), ExchangeReadContext(hub, "example")):
        if isinstance(item, Line) and item.kind is Kind.SEGMENT and item.value:
            yield item.value


def _lines(text: str, segments: list[str]) -> str:
    """``text`` with every segment on its own line; its terminator stays with it."""
    starts, at = [], 0
    for segment in segments:
        found = text.find(segment, at)
        if found >= 0:
            starts.append(found)
            at = found + len(segment)
    if not starts:
        return text
    pieces = [text[low:high].strip("\r\n") for low, high in zip(starts, [*starts[1:], len(text)], strict=True)]
    return "\n".join(pieces)
