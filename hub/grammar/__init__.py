"""What a standard says a message looks like: segments, elements, loops. Plugins hold the data, the core only the shape.

A grammar knows nothing of meaning; a mapping gives its elements meaning. One form serves X12 (transaction sets, loops
named by their first segment) and EDIFACT (messages, segment groups ``SG1`` …).
"""

from hub.grammar.model import ElementDef, Grammar, Loop, Node, SegmentDef, SegmentUse, Slot
from hub.grammar.structure import Structure, Walk

__all__ = ["ElementDef", "Grammar", "Loop", "Node", "SegmentDef", "SegmentUse", "Slot", "Structure", "Walk"]
