"""The till's replica under the hub's own conformance suite for replicas."""

from __future__ import annotations

import pytest

from hub.testing.replicas import ReplicaConformance
from hub_pos.plugin import hub_register_replicas


class TestReplica(ReplicaConformance):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path, checkpoint):
        self.settings = {"store": "s1", "path": tmp_path / "s1.sqlite"}
        product = {"product_id": "p1", "name": "Coffee", "unit": "EA"}
        self.made = [
            checkpoint(0, 5, {"a": [(3, "product", "p1", product)]}, reset=("", 0)),
            checkpoint(5, 9, {"a": [(8, "product", "p1", {**product, "name": "Coffee beans"})]}, held=["a"]),
        ]

    def open(self):
        (kind,) = hub_register_replicas()
        return kind.open(self.settings)

    def checkpoints(self):
        return self.made
