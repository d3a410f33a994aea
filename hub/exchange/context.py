"""What the exchange gives translators: limits, options, mappings and control numbers, by agreement."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hub.exchange.defaults import defaults_for
from hub.partners import fits
from hub.translation import Envelope, EnvelopeParty

if TYPE_CHECKING:
    from hub.exchange.overlays import Chosen
    from hub.exchange.session import Hub
    from hub.mapping.compiled import CompiledMapping
    from hub.partners import Agreement, Partner

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")


def typed(value: Any) -> Any:
    """An option as the translators take it: ``true``/``false`` as bool, plain whole numbers as int, other text as it
    is. (Partner files are read as text; ``0012`` stays text.)"""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def options_for(
    partner: Partner | None, standard: str, agreement: Agreement | None = None, *, requested: bool = False
) -> dict[str, Any]:
    """The translator's options for a partner: its ``translator`` section, the agreement's own ``options``, in
    ``deviations`` the policies that were agreed, and in ``acknowledgment`` and ``ta1`` what is to be answered,
    ``requested`` being what the envelope asks for; {} where nothing is known."""
    if partner is None:
        return {}
    options: dict[str, Any] = {**typed(partner.file.translator.get(standard, {})), "partner": partner.name}
    if deviations := partner.file.deviations.get(standard):
        options["deviations"] = dict(deviations)
    if acknowledgments := partner.file.acknowledgments.get(standard):
        options |= acknowledgments.options(requested)
    if agreement is not None:
        options |= typed(agreement.options)
        if named := agreement.mapping or agreement.message:
            options["feed"] = named
    return options


class ExchangeReadContext:
    """``hub.translation.ReadContext`` for one payload. ``partner`` is known before the envelope (``--partner``; where
    it is only ``assumed``, from the folder a file came through, an envelope that names its sender has the last word).
    ``chosen`` are mappings that the user named, ``extra`` options that hold for every envelope. ``watch`` sees every
    mapping before the translator does and may hand it another one in its place (coverage, explanation)."""

    def __init__(
        self,
        hub: Hub,
        file: str = "",
        partner: Partner | None = None,
        chosen: Chosen | None = None,
        extra: Mapping[str, Any] | None = None,
        *,
        assumed: bool = False,
        watch: Callable[[CompiledMapping], CompiledMapping] | None = None,
    ) -> None:
        self._hub = hub
        self._partner = partner
        self._chosen = chosen
        self._extra = extra or {}
        self._assumed = assumed
        self._watch = watch
        self._found: dict[tuple[str, str, str], CompiledMapping | None] = {}
        self.file = file
        # A partner that was named by hand is taken at that word, whatever the file is called.
        self.pattern_name = None if partner is not None and not assumed else file
        self.limits = hub.limits(partner)

    def partner(self, envelope: Envelope) -> Partner | None:
        """The trading partner that sent an envelope, or None."""
        if self._partner is not None and not (self._assumed and envelope.sender.id):
            return self._partner
        return self._hub.partners.find(envelope.standard, envelope.sender)

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        """See ``ReadContext``. From here on the partner's own limits hold too."""
        partner = self.partner(envelope)
        self.limits = self._hub.limits(partner)
        feed = self._feed(partner, envelope)
        agreed = options_for(partner, envelope.standard, feed, requested=envelope.acknowledge)
        if self._chosen is not None and (named := self._chosen.reading(envelope.standard, "")) is not None:
            agreed["feed"] = self._chosen.name_of(named)
        return {**agreed, **self._extra}

    def _feed(self, partner: Partner | None, envelope: Envelope) -> Agreement | None:
        """What is agreed for a payload without an envelope: the one entry whose file pattern fits its name, or the
        only entry there is."""
        if partner is None or envelope.control:
            return None
        entries = [entry for _, entry in partner.agreements("in", envelope.standard)]
        fitting = [entry for entry in entries if entry.files and fits(self.file, entry.files)]
        open_ = fitting or [entry for entry in entries if not entry.files]
        return open_[0] if len(open_) == 1 else None

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        """See ``ReadContext``: what the user chose, else what the agreement says, else the hub's own."""
        key = (standard, message, version)
        if key not in self._found:
            found = self._find(standard, message, version, envelope)
            self._found[key] = self._watch(found) if found is not None and self._watch is not None else found
        return self._found[key]

    def _find(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        if self._chosen is not None and (chosen := self._chosen.reading(standard, message)):
            return chosen
        partner = self.partner(envelope)
        if partner is None:
            return self._hub.library.find(standard, message, version)
        found = partner.agreement("in", standard, message, version, self.pattern_name)
        agreed = self._hub.agreed_mapping(partner, *found, version) if found is not None else None
        mapping = agreed or self._hub.library.find(standard, message, version)
        return mapping and mapping.with_defaults(defaults_for(partner, mapping.document))

    def feeds(self) -> list[CompiledMapping]:
        """The feeds that a file without an envelope may be, for a translator that tells them by their columns: what
        the user chose, else what is agreed with the partner, else every feed of the library."""
        found = self._feeds()
        return [self._watch(one) for one in found] if self._watch is not None else found

    def _feeds(self) -> list[CompiledMapping]:
        if self._chosen is not None and self._chosen.mappings:
            return [one for one in self._chosen.mappings if one.shape == "records"]
        if self._partner is not None:
            agreed = [self._hub.agreed_mapping(self._partner, *found) for found in self._partner.agreements("in")]
            if records := [one for one in agreed if one is not None and one.shape == "records"]:
                return records
        library = self._hub.library
        generic = [name for name, one in self._hub.plugins.translators.items() if getattr(one, "generic", False)]
        return [library.compiled(name) for standard in generic for name in library.of_standard(standard)]


class ExchangeWriteContext:
    """``hub.translation.WriteContext`` for one outgoing interchange. ``draw`` gives the next control number of a
    level; ``partner`` and ``chosen`` say which mapping to write with."""

    def __init__(
        self,
        hub: Hub,
        sender: EnvelopeParty,
        receiver: EnvelopeParty,
        draw: Callable[[str], int],
        *,
        partner: Partner | None = None,
        chosen: Chosen | None = None,
        options: Mapping[str, Any] | None = None,
        test: bool = False,
        now: datetime | None = None,
    ) -> None:
        self._hub = hub
        self._draw = draw
        self._partner = partner
        self._chosen = chosen
        self.sender = sender
        self.receiver = receiver
        self.test = test
        self.now = now or datetime.now(UTC)
        self.options: Mapping[str, Any] = options or {}

    def next_control(self, level: str) -> int:
        """See ``WriteContext``."""
        return self._draw(level)

    def mapping(self, standard: str, message: str, version: str) -> CompiledMapping | None:
        """See ``WriteContext``: what the user chose, else what the agreement says, else the hub's own."""
        if self._chosen is not None and (chosen := self._chosen.writing(standard, message)):
            return chosen
        partner = self._partner
        found = partner.agreement("out", standard, message, version) if partner is not None else None
        if partner is not None and found is not None and (agreed := self._hub.agreed_mapping(partner, *found, version)):
            return agreed
        return self._hub.library.find(standard, message, version)
