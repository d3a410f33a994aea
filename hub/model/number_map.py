"""Numbers by name."""

from __future__ import annotations

from hub.model.numbers import Number

NumberMap = dict[str, Number]
"""Exact numbers by name, such as quantities by kind."""
