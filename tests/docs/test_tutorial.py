"""The tutorial of ``mappings/README.md``, followed to the letter by somebody who knows nothing else."""

from __future__ import annotations


def test_overlay_tutorial_works_as_written(reader, root):
    assert reader.follow(root / "mappings" / "README.md") >= 6
