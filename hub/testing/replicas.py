"""What every store replica must do: take each segment once, and keep its place with the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from hub.testing.expect import NotConforming, expect
from hub.translation import ReplicaLink


class ReplicaConformance:
    """Subclass it, return a link to one and the same replica from ``open`` and two or more segments that follow each
    other from ``segments`` (the form is in ``hub.translation.ReplicaLink``)."""

    def open(self) -> ReplicaLink:
        """A link to the replica of this test; to be given by the subclass."""
        raise NotConforming("give open(): it returns a link to the replica under test, empty at first")

    def segments(self) -> Sequence[Mapping[str, Any]]:
        """Segments of the change feed that follow each other; to be given by the subclass."""
        raise NotConforming("give segments(): two or more segments that follow each other")

    def test_segments_are_applied_once(self) -> None:
        """Each segment moves the cursor to its end; the same one again changes nothing, also after reopening."""
        with closing(self.open()) as link:
            expect(link.cursor()["seq"] == 0, "a new replica does not stand at 0")
        for segment in self.segments():
            with closing(self.open()) as link:
                changed = link.apply(segment)
                expect(changed > 0, f"segment {segment['first']}..{segment['last']} changed no row")
                expect(link.cursor()["seq"] == segment["last"], "the cursor does not stand at the segment's end")
            with closing(self.open()) as link:
                expect(link.cursor()["seq"] == segment["last"], "the cursor was not kept with the data")
                expect(link.apply(segment) == 0, "a segment that was applied already changed rows again")

    def test_reset_empties_the_replica(self) -> None:
        """After a reset the replica takes the segments of the new epoch from the beginning."""
        segments = self.segments()
        with closing(self.open()) as link:
            link.reset("another epoch")
            cursor = link.cursor()
            expect(cursor["seq"] == 0 and cursor["epoch"] == "another epoch", f"after a reset the cursor is {cursor}")
            expect(link.apply({**segments[0], "epoch": "another epoch"}) > 0, "after a reset nothing is applied")
