"""Partners' deviations from their standards: which there are, what was agreed about them, how often they came.

Which deviations there are is each translator's business (``hub.translation.Deviation``); here they are only names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.located import did_you_mean
from hub.translation import Deviation

if TYPE_CHECKING:
    from datetime import datetime

    from hub.exchange.session import Hub
    from hub.findings import Finding
    from hub.partners import Partner
    from hub.translation import Translator


def deviations_of(translator: Translator | None) -> Mapping[str, Deviation]:
    """The deviations that a translator names, by name."""
    return {known.name: known for known in getattr(translator, "deviations", ())}


def check_deviations(partner: Partner, translators: Mapping[str, Translator]) -> None:
    """Raise ``ConfigurationError`` (file and line) for a policy about something that is no deviation."""
    for standard, policies in partner.file.deviations.items():
        known = deviations_of(translators.get(standard))
        for name in policies:
            if name not in known:
                raise partner.error(
                    ("deviations", standard, name),
                    f"{standard} has no deviation '{name}'",
                    f"{did_you_mean(name, known)} `hub partner deviations --known` lists them.",
                )


class DeviationCount:
    """Counts the deviations among findings of one translator, by name."""

    def __init__(self, translator: Translator) -> None:
        self._names = {code: one.name for one in deviations_of(translator).values() for code in one.findings}
        self.counts: Counter[str] = Counter()

    def add(self, findings: Iterable[Finding]) -> None:
        """Count what is a deviation."""
        names = self._names
        for finding in findings:
            if name := names.get(finding.code):
                self.counts[name] += 1


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """One line of ``hub partner deviations``; ``count`` 0 for a deviation that has a policy and did not come yet."""

    partner: str
    standard: str
    name: str
    policy: str
    description: str = ""
    count: int = 0
    exchanges: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    last_exchange: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON form; empty parts left out."""
        values = {name: getattr(self, name) for name in self.__slots__}
        shown = {name: value for name, value in values.items() if value not in ("", None)}
        return shown | {name: at.isoformat() for name in ("first_at", "last_at") if (at := values[name])}


def listed(hub: Hub, name: str | None = None) -> Iterator[DeviationLine]:
    """What partners did, and what was agreed about it, by partner, standard and name. ``name`` is one partner."""
    partners = {name: hub.partners.named(name)} if name else dict(hub.partners.by_name)
    with hub.repository.read() as tx:
        counted = {(one.partner, one.standard, one.name): one for one in tx.deviations(name)}
    agreed = {
        (one.name, standard, deviation): policy
        for one in partners.values()
        for standard, policies in one.file.deviations.items()
        for deviation, policy in policies.items()
    }
    for key in sorted({*counted, *agreed}):
        partner, standard, deviation = key
        known = deviations_of(hub.plugins.translators.get(standard)).get(deviation)
        policy = agreed.get(key) or (known.default if known else "")
        description = known.description if known else ""
        found = counted.get(key)
        if found is None:
            yield DeviationLine(partner, standard, deviation, policy, description)
        else:
            yield DeviationLine(
                partner,
                standard,
                deviation,
                policy,
                description,
                found.count,
                found.exchanges,
                found.first_at,
                found.last_at,
                found.last_exchange,
            )
