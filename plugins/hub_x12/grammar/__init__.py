"""What X12 says its sets look like, one compact text file per release, and the code that reads it."""

from hub_x12.grammar.release import Release, SetDef, grammar, release

__all__ = ["Release", "SetDef", "grammar", "release"]
