"""Find plugins by entry point and say exactly why one cannot be used (``importlib.metadata``, group ``hub``)."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from hub.errors import PluginError

GROUP = "hub"
"""The one string of the plugin system: pluggy's project name, the markers' name and the entry-point group."""


class Unavailable(Exception):
    """Why a plugin was not loaded; ``hint`` is the command or change that helps. Never leaves ``hub.plugins``."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin as its distribution declares it: ``name = module`` in the entry-point group ``hub``."""

    name: str
    module: str
    distribution: str
    version: str
    entry_point: metadata.EntryPoint

    def __str__(self) -> str:
        source = f"{self.distribution} {self.version}".strip() or "no distribution"
        return f"{self.name} ({self.module}, from {source})"


def candidates(entry_points: Iterable[metadata.EntryPoint] | None = None) -> list[Candidate]:
    """Plugins that are installed, sorted by name. The same module declared twice under one name is one plugin (the
    store's side is also a distribution of its own); two modules under one name are a ``PluginError``."""
    found: dict[str, Candidate] = {}
    points = metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    for candidate in sorted(map(_candidate, points), key=lambda one: (one.name, one.distribution)):
        other = found.setdefault(candidate.name, candidate)
        if other.module != candidate.module:
            raise PluginError(
                f"two plugins are called {candidate.name!r}: {other} and {candidate}",
                hint=f"Uninstall one of them: pip uninstall {other.distribution or other.module}"
                f"  or  pip uninstall {candidate.distribution or candidate.module}",
            )
    return list(found.values())


def _candidate(point: metadata.EntryPoint) -> Candidate:
    distribution = point.dist
    return Candidate(
        name=point.name,
        module=point.value.split("[")[0].strip(),
        distribution=distribution.name if distribution is not None else "",
        version=distribution.version if distribution is not None else "",
        entry_point=point,
    )


def load(candidate: Candidate) -> Any:
    """The plugin's module (or object). Raises ``Unavailable`` with the reason, and for a missing extra with the
    command that installs it; never lets the plugin's own exception through."""
    try:
        plugin = candidate.entry_point.load()
    except ModuleNotFoundError as exc:
        raise Unavailable(f"module {exc.name!r} is not installed", _command(candidate, exc.name or "")) from exc
    except Exception as exc:
        # Whatever a plugin does while it is imported must not take the hub down.
        raise Unavailable(f"import of {candidate.module} failed: {type(exc).__name__}: {exc}") from exc
    missing = [(name, extra) for name, extra in _required(plugin) if not _importable(name)]
    if missing:
        names = ", ".join(name for name, _ in missing)
        extras = ",".join(sorted({extra for _, extra in missing}))
        raise Unavailable(f"{names} is not installed", _install(candidate.distribution or candidate.module, extras))
    return plugin


def _required(plugin: Any) -> Iterator[tuple[str, str]]:
    """``HUB_REQUIRES`` of a plugin: import name -> extra of its distribution. Checked without importing anything,
    because a plugin imports its heavy libraries on first use only."""
    declared = getattr(plugin, "HUB_REQUIRES", {})
    pairs: list[tuple[Any, Any]] = list(declared.items()) if isinstance(declared, Mapping) else [(None, None)]
    if not all(isinstance(name, str) and isinstance(extra, str) for name, extra in pairs):
        raise Unavailable('HUB_REQUIRES is no mapping of import name to extra, such as {"zeep": "soap"}')
    yield from pairs


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _install(distribution: str, extras: str) -> str:
    return f"pip install '{distribution}[{extras}]'" if extras else f"pip install '{distribution}'"


_REQUIREMENT = re.compile(r"^\s*(?P<name>[A-Za-z0-9._-]+).*?extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]")


def _command(candidate: Candidate, missing: str) -> str:
    """The command that brings the module ``missing``: the extra of the plugin's distribution that requires it."""
    top = missing.partition(".")[0]
    if top == candidate.module.partition(".")[0]:
        return f"Reinstall it: pip install --force-reinstall --no-deps '{candidate.distribution or top}'"
    wanted = re.sub(r"[-_.]+", "-", top).lower()
    distribution = candidate.entry_point.dist
    for line in (distribution.requires if distribution is not None else None) or ():
        match = _REQUIREMENT.match(line)
        if match and re.sub(r"[-_.]+", "-", match["name"]).lower() == wanted:
            return _install(candidate.distribution, match["extra"])
    return f"pip install '{top}'"


_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


def named(answers: Mapping[str, Any], what: str, members: Sequence[str]) -> dict[str, Any]:
    """What ``hub_register_<what>`` returned, by its name (the first of ``members``); ``Unavailable`` where it is not
    as specified. Shapes are compared, not classes: the store's side of the hub imports nothing of the hub."""
    hook = f"hub_register_{what}"
    answer = answers.get(hook)
    if answer is None:
        return {}
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes):
        raise Unavailable(f"{hook} returned {type(answer).__name__}, not a list")
    found: dict[str, Any] = {}
    for item in answer:
        name = getattr(item, members[0], None)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Unavailable(
                f"{hook}: {type(item).__name__} has no usable {members[0]} (lower case letters, digits, _ . -)"
            )
        lacking = [member for member in members[1:] if not callable(getattr(item, member, None))]
        if lacking:
            raise Unavailable(f"{hook}: {name!r} has no method {', '.join(lacking)}")
        if name in found:
            raise Unavailable(f"{hook} returned two called {name!r}")
        found[name] = item
    return found


def folders_of(answer: Any) -> list[Path]:
    """What ``hub_register_mappings`` returned: folders that exist; ``Unavailable`` otherwise."""
    if answer is None:
        return []
    if not isinstance(answer, Sequence) or not all(isinstance(item, Path) for item in answer):
        raise Unavailable("hub_register_mappings did not return a list of pathlib.Path")
    for folder in answer:
        if not folder.is_dir():
            raise Unavailable(f"hub_register_mappings: {folder} is not a folder")
    return list(answer)
