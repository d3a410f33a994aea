"""The service characters of one interchange (ISO 9735 service string advice, UNA)."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Separators:
    """Six single characters. An empty ``release`` or ``repetition`` means that the interchange has none."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = ""
    terminator: str = "'"

    def for_version(self, version: int) -> Separators:
        """The same characters under a syntax version: only version 4 knows a repetition separator."""
        return self if version >= 4 else replace(self, repetition="")

    @property
    def advice(self) -> str:
        """The UNA segment that announces these characters, nine characters long."""
        return (
            f"UNA{self.component}{self.element}{self.decimal}{self.release or ' '}{self.repetition or ' '}"
            f"{self.terminator}"
        )


LEVEL_A = Separators()
"""The defaults without UNA; version 4 adds ``*`` (see ``DEFAULT_REPETITION``)."""

LEVEL_B = Separators("\x1f", "\x1d", ".", "", "", "\x1c")
"""The defaults of character set level B (UNOB without UNA and with information separators, ISO 9735 section 5)."""

DEFAULT_REPETITION = "*"


def from_advice(advice: str) -> Separators | None:
    """Separators from the characters after ``UNA``: six, or five where a sender left the reserved one out.

    None if they cannot be: a letter or digit among them, or one character for two jobs. Space stands for "none" in
    the places of release and repetition."""
    if len(advice) == 5:
        advice = f"{advice[:4]} {advice[4]}"
    component, element, decimal, release, repetition, terminator = tuple(advice)
    found = Separators(component, element, decimal, release.strip(), repetition.strip(), terminator)
    working = [component, element, terminator, *found.release, *found.repetition]
    if len(set(working)) != len(working) or any(char.isalnum() or char == " " for char in working):
        return None
    return found
