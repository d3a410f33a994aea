"""One fault, one finding: a code that no standard knows is unknown to the mapping as well, which need not be said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.findings import Finding


def said_once(checked: Iterable[Finding], mapped: Iterable[Finding]) -> Iterator[Finding]:
    """The mapping's findings, without those about a code that the check of the code lists has told already. What is
    left are codes that the standard has and the mapping's own list does not."""
    told = {
        (finding.position.segment, finding.position.element)
        for finding in checked
        if finding.code == "x12.element.code"
    }
    for finding in mapped:
        if finding.code != "mapping.unmapped" or (finding.position.segment, finding.position.element) not in told:
            yield finding
