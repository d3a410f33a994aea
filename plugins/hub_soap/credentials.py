"""Secrets by reference: resolved when an endpoint is opened, never shown, masked in every message."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from hub.located import Located

_MAXIMUM = 64_000


class Secret:
    """A resolved credential. ``reveal()`` is the only way to its value; printing, logging or pickling it shows none."""

    __slots__ = ("_value", "reference")

    def __init__(self, value: str, reference: str) -> None:
        self._value = value
        self.reference = reference

    def reveal(self) -> str:
        """The value itself, for the request only."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.reference})"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


def resolved(located: Located, references: dict[str, str]) -> dict[str, Secret]:
    """Every credential of an endpoint file. ``env:NAME`` is an environment variable, ``file:PATH`` the first line of
    a file (relative to the endpoint file); a job that runs in Airflow puts a connection's password into the
    environment first. Raises ``ConfigurationError`` with the line of the reference."""
    return {name: _resolve(located, name, reference) for name, reference in references.items()}


def _resolve(located: Located, name: str, reference: str) -> Secret:
    path = ("credentials", name)
    scheme, _, rest = reference.partition(":")
    if scheme == "env" and rest:
        value = os.environ.get(rest, "")
        if not value:
            raise located.error(
                path,
                f"credential '{name}': the environment variable {rest} is not set",
                f"Set it before starting the hub: export {rest}=…",
            )
        return Secret(value, reference)
    if scheme == "file" and rest:
        file = Path(rest) if Path(rest).is_absolute() else located.file.parent / rest
        try:
            with file.open("rb") as stream:
                text = stream.read(_MAXIMUM).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = (getattr(error, "strerror", None) or "it is not UTF-8 text").lower()
            raise located.error(
                path,
                f"credential '{name}': cannot read {file}: {reason}",
                "The file holds the secret on its first line.",
            ) from None
        value = text.splitlines()[0].strip() if text.strip() else ""
        if not value:
            raise located.error(
                path, f"credential '{name}': {file} is empty", "The file holds the secret on its first line."
            )
        return Secret(value, reference)
    raise located.error(
        path,
        f"credential '{name}' is not a reference",
        "Secrets are never written into a file of the workspace. Use env:NAME or file:PATH.",
    )


def masked(text: str, secrets: Iterable[Secret]) -> str:
    """``text`` with every secret's value replaced, longest first, also where XML or JSON escaped it."""
    values = {form for secret in secrets for form in _forms(secret.reveal()) if len(form) >= 3}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "***")
    return text


def _forms(value: str) -> set[str]:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {value, escaped, escaped.replace('"', "&quot;")}
