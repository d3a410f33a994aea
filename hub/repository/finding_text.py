"""Findings and summaries as the JSON text that the journal keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hub.findings import Finding, Position, Severity

_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str)


def findings_text(findings: Sequence[Finding]) -> str:
    """JSON text of findings, '' for none. ASCII, so that any value a partner sent can be stored."""
    return _ENCODER.encode([finding.as_dict() for finding in findings]) if findings else ""


def findings_of(text: str) -> tuple[Finding, ...]:
    """The findings that ``findings_text`` wrote."""
    if not text:
        return ()
    return tuple(
        Finding(
            Severity(data["severity"]),
            data["code"],
            data["message"],
            Position(**data.get("position", {})),
            data.get("value", ""),
            data.get("list_id", ""),
            data.get("list_code", ""),
        )
        for data in json.loads(text)
    )


def mapping_text(summary: Mapping[str, Any]) -> str:
    """JSON text of a summary, '' for an empty one."""
    return _ENCODER.encode(summary) if summary else ""


def mapping_of(text: str) -> dict[str, Any]:
    """The summary that ``mapping_text`` wrote."""
    loaded: dict[str, Any] = json.loads(text) if text else {}
    return loaded
