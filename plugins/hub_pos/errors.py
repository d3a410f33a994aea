"""What can go wrong on the store's side. Every message says what, where, and what to do."""

from __future__ import annotations


class ReplicaError(Exception):
    """Root of everything this package raises on purpose."""


class ReplicaMissing(ReplicaError):
    """There is no replica at this path yet, or the file is no replica."""


class ReplicaBusy(ReplicaError):
    """Another process is writing this replica; the same call may succeed later."""


class SegmentDamaged(ReplicaError):
    """Bytes are no sealed segment, or not the one that was asked for."""


class NotRegistered(ReplicaError):
    """This till has no key that the hub knows."""


class HubAway(ReplicaError):
    """The hub did not answer, or is busy; the same call may succeed later."""


class SegmentGone(HubAway):
    """The hub keeps a segment no more: the next poll names others."""


class HubRefused(ReplicaError):
    """The hub refuses: the key was revoked, the token used, the request malformed. A person must act."""


class SignatureRefused(ReplicaError):
    """Something is not signed by a key of this hub that the node knows, or was made for another node."""


class Replayed(SignatureRefused):
    """The hub signed this, but earlier than what the replica holds: somebody sends old answers, or it is an old
    stick."""


class CheckpointRefused(ReplicaError):
    """A checkpoint from the hub cannot be applied: a gap, an unknown bucket, a newer schema or a wrong shape.
    The replica is as it was before."""


class OutboxFailed(ReplicaError):
    """The outbox could not be written: the disk is full or broken. Nothing was written, no number was used."""


class SaleRefused(ReplicaError):
    """A sale, return or other document cannot be written as it was given: nothing was written, no number was used."""


class NotAuthorized(SaleRefused):
    """An operation was declined; ``reasons`` are the words of ``PROTOCOL.md``, section 11.5. The decision is in the
    outbox, the sale is not."""

    def __init__(self, message: str, reasons: tuple[str, ...]) -> None:
        super().__init__(message)
        self.reasons = reasons


class NoAnswer(ReplicaError):
    """The hub did not answer, or not in a way that can be understood: what was sent stays, and is sent again."""


class UploadRefused(ReplicaError):
    """The hub took nothing of an upload as a whole (too large, not readable): it is sent again in smaller parts."""
