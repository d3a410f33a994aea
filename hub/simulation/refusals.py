"""Why a till did not take something."""

from __future__ import annotations


class Refused(Exception):
    """What came is not taken, and nothing was changed. ``code``: ``damaged``, ``signature``, ``node``, ``old``,
    ``gap``, ``shape``, ``gone``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Killed(BaseException):
    """The process ends here: a fault of the simulation, which nothing may catch but the simulation."""
