"""What every store replica must do: take each checkpoint once, and keep its place with the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from hub.testing.expect import NotConforming, expect
from hub.translation import ReplicaLink


class ReplicaConformance:
    """Subclass it, return a link to one and the same replica from ``open`` and two or more checkpoints that follow each
    other, beginning with a first load, from ``checkpoints`` (the form is in ``hub.translation.ReplicaLink``)."""

    def open(self) -> ReplicaLink:
        """A link to the replica of this test; to be given by the subclass."""
        raise NotConforming("give open(): it returns a link to the replica under test, empty at first")

    def checkpoints(self) -> Sequence[Mapping[str, Any]]:
        """Checkpoints of the change feed that follow each other; to be given by the subclass."""
        raise NotConforming("give checkpoints(): two or more that follow each other")

    def test_checkpoints_are_applied_once(self) -> None:
        """Each checkpoint moves the cursor to its end; the same one again changes nothing, also after reopening."""
        with closing(self.open()) as link:
            expect(link.cursor()["seq"] == 0, "a new replica does not stand at 0")
        for checkpoint in self.checkpoints():
            where = f"{checkpoint['from']['seq']}..{checkpoint['last']}"
            with closing(self.open()) as link:
                expect(link.apply(checkpoint) > 0, f"the checkpoint {where} changed no row")
                expect(link.cursor()["seq"] == checkpoint["last"], "the cursor does not stand at the checkpoint's end")
            with closing(self.open()) as link:
                expect(link.cursor()["seq"] == checkpoint["last"], "the cursor was not kept with the data")
                expect(link.apply(checkpoint) == 0, "a checkpoint that was applied already changed rows again")

    def test_reset_empties_the_replica(self) -> None:
        """After a reset the replica takes the first load of the new epoch."""
        first = self.checkpoints()[0]
        with closing(self.open()) as link:
            link.apply(first)
            link.reset("another epoch")
            cursor = link.cursor()
            expect(cursor["seq"] == 0 and cursor["epoch"] == "another epoch", f"after a reset the cursor is {cursor}")
            origin = {"epoch": "another epoch", "seq": 0, "buckets": []}
            again = {**first, "epoch": "another epoch", "from": origin}
            expect(link.apply(again) > 0, "after a reset nothing is applied")
