"""Which message a document leaves in: the agreement's word on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.exchange.overlays import version_of
from hub.partners import message_of

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.partners import Agreement, Partner


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """The message that a kind of document leaves in, and how long its acknowledgment may take (None: none is due)."""

    standard: str
    message: str
    version: str
    due: timedelta | None
    agreement: Agreement


def outgoing(hub: Hub, partner: Partner, kind: str, standard: str = "", message: str = "") -> OutgoingMessage | None:
    """The first outgoing document of the agreement that is a ``kind`` (of a standard, of a message), or None.

    A version that is not agreed is that of the mapping that will be used."""
    for index, agreement in partner.agreements("out", standard):
        name = agreement.message or message_of(agreement.mapping)
        if message not in ("", name):
            continue
        mapping = hub.agreed_mapping(partner, index, agreement)
        mapping = mapping or hub.library.find(agreement.standard, name, agreement.version)
        if mapping is not None and kind in mapping.kinds:
            version = agreement.version or version_of(agreement.mapping) or mapping.version
            # A standard without envelopes has no acknowledgments either.
            bare = getattr(hub.plugins.translators[agreement.standard], "generic", False)
            due = None if bare else agreement.due or partner.file.due
            return OutgoingMessage(agreement.standard, name, version, due, agreement)
    return None
