"""What can go wrong on the store's side. Every message says what, where, and what to do."""

from __future__ import annotations


class ReplicaError(Exception):
    """Root of everything this package raises on purpose."""


class ReplicaMissing(ReplicaError):
    """There is no replica at this path yet, or the file is no replica."""


class ReplicaBusy(ReplicaError):
    """Another process is writing this replica; the same call may succeed later."""


class CheckpointRefused(ReplicaError):
    """A checkpoint from the hub cannot be applied: a gap, an unknown bucket, a newer schema or a wrong shape.
    The replica is as it was before."""
