"""Trading partners and what was agreed with them, one YAML file each: ``partners/NAME.yaml``.

YAML and not TOML, because agreements nest (documents, their response rules, their tolerances), because mapping files
are YAML and a partner has both, and because PyYAML tells the line of every key, so that each error can.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from hub.errors import ConfigurationError
from hub.located import Located, did_you_mean, read_yaml
from hub.settings import Bounds, Duration, Identities, Identity, party_of
from hub.translation import EnvelopeParty, Limits
from hub.validation import Configured, validated

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SUFFIXES = (".yaml", ".yml")


def _due(value: Any) -> Any:
    return None if value == "never" else value


Due = Annotated[Duration | None, BeforeValidator(_due)]
"""A duration, or ``never``."""


def _percent(value: Any) -> Any:
    text = str(value).strip()
    return text[:-1].strip() if text.endswith("%") else text


Percent = Annotated[Decimal, BeforeValidator(_percent), Field(ge=0, le=100)]


def message_of(mapping: str) -> str:
    """``850`` of the mapping ``x12/850.004010``, '' of ''."""
    return mapping.partition("/")[2].partition(".")[0]


def fits(filename: str, pattern: str) -> bool:
    """Whether a file's name (without its folder) fits an agreement's pattern, such as ``orders*.csv``."""
    return fnmatch.fnmatchcase(filename.replace("\\", "/").rpartition("/")[2].lower(), pattern.lower())


class ResponseRule(Configured):
    """How orders are answered. ``accept_all``: every line as ordered. ``stock_and_price``: each line by the
    repository's products, prices and stock. ``none``: the hub does not answer, an ERP does."""

    rule: Literal["accept_all", "stock_and_price", "none"] = "none"
    message: str = ""
    """The message to answer with (``855``); left out: the partner's outgoing document that is an order response."""
    price_tolerance: Percent = Decimal(0)
    """How far above the ordered price ours may be before the line is answered with our price, in percent."""
    partial: bool = True
    """Confirm what is in stock and put the rest on backorder; false: a line that is short is rejected."""
    unknown_item: Literal["reject", "accept"] = "reject"


class Agreement(Configured):
    """One kind of message that is exchanged with a partner."""

    direction: Literal["in", "out"]
    standard: str
    message: str = ""
    version: str = ""
    mapping: str = ""
    """Name of the mapping (``x12/850.004010``); left out: the hub's own for this message and version."""
    overlay: str = ""
    """File of the partner's deviations, relative to the workspace's ``mappings`` folder."""
    files: str = ""
    """For feeds without an envelope (CSV): which file names, as a pattern: ``orders*.csv``."""
    response: ResponseRule = ResponseRule()
    due: Due = None
    """For outgoing messages: how long the partner may take to acknowledge; left out: the partner's ``due``."""
    options: dict[str, Any] = Field(default_factory=dict)
    """More options for the translator, for this message only."""

    def covers(self, message: str) -> bool:
        """Whether the entry is about a message: the one it names, the one its mapping is for, or any."""
        named = {self.message, message_of(self.mapping)} - {""}
        return not named or message in named

    @model_validator(mode="before")
    @classmethod
    def _rule_alone(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("response"), str):
            return {**data, "response": {"rule": data["response"]}}
        return data


class Acknowledgments(Configured):
    """What is sent for what comes in. ``type`` is the message (left out: the translator's own), ``when`` whether it is
    due (``on_request``: only where the envelope asks for it, UNB 0031), ``ta1`` the same for X12's envelope."""

    type: Literal["997", "999", "CONTRL", "none"] | None = None
    when: Literal["always", "on_request", "never"] = "always"
    ta1: Literal["requested", "always", "errors", "never"] | None = None

    def options(self, requested: bool) -> dict[str, str]:
        """The translator's options for an interchange that asks for acknowledgment, or does not."""
        due = self.when == "always" or (self.when == "on_request" and requested)
        chosen = {"acknowledgment": self.type if due else "none", "ta1": self.ta1}
        return {name: value for name, value in chosen.items() if value is not None}


class Duplicates(Configured):
    """What happens to content that was received before. The same control number with other content is always
    quarantined; the same envelope with the same content is always answered again."""

    same_content: Literal["ignore", "process", "quarantine"] = "ignore"
    """A new control number around documents that are known already, unchanged."""
    window: Duration | None = None
    """Control numbers older than this may come again (some partners begin anew every year); left out: never."""


class Delivery(Configured):
    """How the partner's files leave: into ``folder`` (relative to the workspace), one file an interchange."""

    folder: str = ""


class PartnerFile(Configured):
    """The whole of a partner file."""

    title: str = ""
    identities: dict[str, Identities] = Field(default_factory=dict)
    our_identities: dict[str, Identity] = Field(default_factory=dict)
    test: Literal["quarantine", "refuse", "process"] = "quarantine"
    """Test-flagged interchanges where the hub's environment is production: kept aside, kept aside and answered
    negatively, or processed like any other."""
    duplicates: Duplicates = Duplicates()
    all_or_nothing: bool = False
    acknowledgments: dict[str, Acknowledgments] = Field(default_factory=dict)
    due: Due = timedelta(hours=24)
    """How long the partner may take to acknowledge what is sent; ``never``: nothing is waited for."""
    defaults: dict[str, Any] = Field(default_factory=dict)
    """What messages may leave out and the agreement supplies: ``currency``, ``country``, roles such as ``seller``."""
    deviations: dict[str, dict[str, Literal["accept", "warn", "refuse"]]] = Field(default_factory=dict)
    """By standard: what happens where the partner deviates from it in a way that the translator names. ``accept``: a
    notice, ``warn``: a warning, ``refuse``: an error."""
    translator: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Options by standard: character set, separators, code lists; each translator's README lists them."""
    limits: dict[str, int] = Field(default_factory=dict)
    delivery: Delivery = Delivery()
    documents: list[Agreement] = Field(default_factory=list)


@dataclass(frozen=True)
class Partner:
    """A trading partner: its name in the hub, its checked file and where that file's lines are."""

    name: str
    file: PartnerFile
    located: Located

    def error(self, path: Iterable[str | int], message: str, hint: str = "") -> ConfigurationError:
        """An error about ``path`` in the partner's file."""
        return self.located.error(path, message, hint)

    def identity(self, standard: str) -> EnvelopeParty:
        """How the partner is addressed in envelopes of ``standard``."""
        identities = self.file.identities.get(standard)
        return party_of(identities[0]) if identities else EnvelopeParty(self.name)

    def agreements(self, direction: str, standard: str = "") -> list[tuple[int, Agreement]]:
        """The agreements of a direction with their index in the file, of one standard if given."""
        return [
            (index, agreement)
            for index, agreement in enumerate(self.file.documents)
            if agreement.direction == direction and standard in ("", agreement.standard)
        ]

    def agreement(
        self, direction: str, standard: str, message: str, version: str = "", filename: str | None = None
    ) -> tuple[int, Agreement] | None:
        """What was agreed for a message: the entry that says most about it, or None. A version ``004010`` also
        covers ``004010VICS``. A feed's entry has a pattern for file names, which counts if ``filename`` is given."""
        fitting = [
            (len(entry.version) + 100 * bool(entry.files) + 1000 * bool(entry.message or entry.mapping), -index, entry)
            for index, entry in self.agreements(direction, standard)
            if entry.covers(message)
            and version.startswith(entry.version)
            and (not entry.files or filename is None or fits(filename, entry.files))
        ]
        if not fitting:
            return None
        _, index, entry = max(fitting, key=lambda item: item[:2])
        return -index, entry

    def listed(self, standard: str) -> bool:
        """Whether incoming messages of this standard are listed; where none is, every known message is welcome."""
        return bool(self.agreements("in", standard))

    def limits(self, general: Bounds) -> Limits:
        """The general limits with the partner's own."""
        return Limits(**{**general.model_dump(), **self.file.limits})

    @property
    def summary(self) -> dict[str, Any]:
        """The partner as ``hub partner show --json`` prints it."""
        agreed = self.file.model_dump(mode="json", exclude_defaults=True)
        return {"name": self.name, "file": str(self.located.file), **agreed}


@dataclass(frozen=True)
class Partners:
    """All partners of a workspace, found by name or by how an envelope calls them."""

    folder: Path
    by_name: Mapping[str, Partner]

    @cached_property
    def by_identity(self) -> dict[tuple[str, str], Partner]:
        """Partner by (standard, ``QUALIFIER:ID``)."""
        return {
            (standard, identity): partner
            for partner in self.by_name.values()
            for standard, identities in partner.file.identities.items()
            for identity in identities
        }

    def find(self, standard: str, party: EnvelopeParty) -> Partner | None:
        """The partner that an envelope names, or None."""
        return self.by_identity.get((standard, str(party))) or self.by_identity.get((standard, party.id))

    def named(self, name: str) -> Partner:
        """The partner called ``name``. Raises ``ConfigurationError`` with the nearest name."""
        if name in self.by_name:
            return self.by_name[name]
        hint = did_you_mean(name, self.by_name) or f"There is no partner yet; make {self.folder / (name + '.yaml')}."
        raise ConfigurationError(f"there is no partner '{name}'", file=self.folder, hint=hint)


def read_partner(file: Path) -> Partner:
    """Read and check one partner file. Raises ``ConfigurationError`` with file, line and what to do."""
    name = file.name.rsplit(".", 1)[0]
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"'{name}' cannot be a partner's name",
            file=file,
            hint="Name the file with lower-case letters, digits, '-' and '_': acme-foods.yaml.",
        )
    located = read_yaml(file)
    partner = Partner(name, validated(PartnerFile, located), located)
    known = set(Bounds.model_fields)
    for key in partner.file.limits:
        if key not in known:
            raise partner.error(("limits", key), f"unknown limit '{key}'", did_you_mean(key, known))
    folder = partner.file.delivery.folder
    if Path(folder).is_absolute() or ".." in Path(folder).parts:
        raise partner.error(
            ("delivery", "folder"), f"'{folder}' is outside the workspace", "Name a folder inside it: outbox/acme."
        )
    return partner


def read_partners(folder: Path) -> Partners:
    """Read all partner files of a folder. Raises ``ConfigurationError`` for the first that is wrong, for two partners
    with one identity (naming both files), and for files of another kind that somebody may have meant as partners."""
    found: dict[str, Partner] = {}
    owners: dict[tuple[str, str], Partner] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.name.startswith(".") or file.is_dir() or file.suffix == ".txt" or file.suffix == ".md":
            continue
        if file.suffix not in SUFFIXES:
            raise ConfigurationError(
                "a partner's file must be YAML", file=file, hint=f"Rename it to {file.stem}.yaml, or move it elsewhere."
            )
        partner = read_partner(file)
        if other := found.get(partner.name):
            raise ConfigurationError(
                f"two files for the partner '{partner.name}': {other.located.file.name} and {file.name}",
                file=file,
                hint="Delete one of them.",
            )
        found[partner.name] = partner
        _claim_identities(partner, owners)
    return Partners(folder, found)


def _claim_identities(partner: Partner, owners: dict[tuple[str, str], Partner]) -> None:
    for standard, identities in partner.file.identities.items():
        for index, identity in enumerate(identities):
            other = owners.setdefault((standard, identity), partner)
            if other is partner:
                continue
            line = other.located.line(("identities", standard))
            raise partner.error(
                ("identities", standard, index),
                f"the {standard} identity '{identity}' belongs to '{other.name}' already ({other.located.file}:{line})",
                "An envelope must name one partner: remove the identity from one of the two files.",
            )
