"""What two companies agreed, as a document."""

from __future__ import annotations

from pydantic import Field

from hub.model.dates import Period
from hub.model.document import Document
from hub.model.extension import Extensions
from hub.model.numbers import Number
from hub.model.party_ref import PartyRef
from hub.model.value import Key, Many, Value


class Tolerance(Value):
    """How far a partner may deviate: ``subject`` is quantity, price, total, delivery_date …; by ``percent``, by an
    ``absolute`` amount or number, or by ``days``."""

    subject: Key
    percent: Number | None = None
    absolute: Number | None = None
    days: int | None = None


class AgreedMessage(Value):
    """A message that is exchanged: ``standard`` x12, ``message`` 850, ``version`` 004010, ``direction`` in or out, read
    or written by ``mapping``; how it is acknowledged and until when (minutes)."""

    standard: Key
    message: Key
    version: str = ""
    direction: str = ""
    mapping: str = ""
    acknowledgment: str = ""
    acknowledge_within: int | None = None
    test: bool | None = None
    options: Extensions = Field(default_factory=dict)


class TradingAgreement(Document):
    """``partner`` is the name under which the hub knows the other company. ``currency``, ``time_zone`` and the
    ``defaults`` supply what its messages leave out. ``duplicate_content`` says what a known content under a new
    number is: process, quarantine or ignore."""

    agreement_id: Key
    partner: str = ""
    roles: dict[str, PartyRef] = Field(default_factory=dict)
    valid: Period | None = None
    messages: Many[AgreedMessage] = ()
    currency: str = ""
    time_zone: str = ""
    language: str = ""
    tolerances: Many[Tolerance] = ()
    defaults: dict[str, str] = Field(default_factory=dict)
    duplicate_content: str = ""
    all_or_nothing: bool | None = None
    version: int | None = None
