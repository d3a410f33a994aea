"""What is known of a customer from events, summed up for those who serve the customer."""

from __future__ import annotations

from hub.model.dates import Instant
from hub.model.document import Document
from hub.model.numbers import Number
from hub.model.value import Key, Many, Value


class ConsentState(Value):
    """An event of a consent's history that still decides (``hub.model.consent``), or will: no later one has replaced
    it. Without ``channels`` it speaks of all."""

    purpose: Key
    channels: Many[str] = ()
    state: Key
    given_at: Instant
    expires_at: Instant | None = None


class LoyaltyAccount(Value):
    """The balance of an account of points: the sum of its entries."""

    account_id: Key
    points: Number


class CustomerProfile(Document):
    """The consents and points of the customer whose document is ``party_id``. ``known_as`` are the other ids by which
    events name the customer, also those of customers that were merged into this one. Made by the hub from ``Consent``
    and ``LoyaltyEntry`` whenever one comes; nobody sends it."""

    party_id: Key
    known_as: Many[str] = ()
    consents: Many[ConsentState] = ()
    accounts: Many[LoyaltyAccount] = ()
