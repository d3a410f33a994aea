"""``hub plugin check``: the conformance suites run over an installed plugin or a module, without pytest."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from hub.discovery import GROUP
from hub.errors import ConfigurationError, DocumentRejected, HubError
from hub.plugins import LOADED, Plugins, PluginStatus
from hub.testing.contexts import library_of
from hub.testing.expect import NotConforming
from hub.testing.translators import TranslatorConformance


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked. ``problem`` says what is wrong ('': nothing), ``detail`` what was looked at."""

    name: str
    problem: str = ""
    detail: str = ""


def check_plugin(name: str, samples: Sequence[Path] = ()) -> list[Check]:
    """Check an installed plugin (by its entry point's name) or a module (by its import name).

    ``samples`` are files of its formats: each is given to the one translator of the plugin that identifies it, and
    goes through the whole suite. Without samples only what needs none is checked. Raises ``ConfigurationError``
    where there is no such plugin or sample; what is wrong with the plugin is in the result.
    """
    point = _entry_point(name)
    for sample in samples:
        if not sample.is_file():
            raise ConfigurationError("the sample cannot be read: no such file", file=sample)
    try:
        plugins = Plugins([point])
    except HubError as exc:
        return [Check("it can be loaded", str(exc))]
    (status,) = plugins.status()
    if status.state != LOADED:
        return [Check("it can be loaded", f"{status.reason}; {status.hint}".strip("; "))]
    checks = [Check("it can be loaded", detail=f"{point.value} {status.version}".strip())]
    checks.append(Check("it implements hooks of the hub", status.reason, ", ".join(status.hooks)))
    checks.extend(_neighbors(point, status))
    checks.extend(_translators(plugins, samples))
    checks.extend(_mappings(plugins, status))
    return checks


def _entry_point(name: str) -> metadata.EntryPoint:
    found = [point for point in metadata.entry_points(group=GROUP) if point.name == name]
    if found:
        return found[0]
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        installed = ", ".join(sorted({point.name for point in metadata.entry_points(group=GROUP)}))
        raise ConfigurationError(
            f"there is no plugin and no module called {name!r}",
            hint=f"Installed plugins: {installed}. For a project folder: pip install -e FOLDER, then its name.",
        )
    return metadata.EntryPoint(name, name, GROUP)


def _neighbors(point: metadata.EntryPoint, status: PluginStatus) -> Iterator[Check]:
    """Whether it gets along with what else is installed."""
    others = [one for one in metadata.entry_points(group=GROUP) if one.name != point.name and one.value != point.value]
    try:
        Plugins([*others, point])
    except HubError as exc:
        yield Check("it gets along with the other plugins", str(exc))
    else:
        yield Check("it gets along with the other plugins", detail=f"{len(others)} others")


def _translators(plugins: Plugins, samples: Sequence[Path]) -> Iterator[Check]:
    claimed: dict[str, list[Path]] = {name: [] for name in plugins.translators}
    for sample in samples:
        with sample.open("rb") as stream:
            head = stream.read(4096)
        try:
            claimed[plugins.identify(head, sample.name).name].append(sample)
        except DocumentRejected as exc:
            yield Check(f"{sample.name} is identified", str(exc))
    everything = Plugins()
    for name, translator in plugins.translators.items():
        suite = TranslatorConformance()
        suite.translator = translator
        suite.samples = tuple(claimed[name])  # type: ignore[misc]
        # The mappings of all plugins, and of a module that is checked without being installed.
        suite.library = library_of(plugins if name not in everything.translators else everything)
        yield from run_suite(suite, f"translator {name}")


def _mappings(plugins: Plugins, status: PluginStatus) -> Iterator[Check]:
    """Every mapping file that the plugin brings can be compiled."""
    folders = [Path(folder) for folder in status.mapping_folders]
    try:
        library = library_of(plugins)
    except HubError as exc:
        yield Check("its mappings can be found", str(exc))
        return
    for name in library.names():
        if any(library.path(name).is_relative_to(folder) for folder in folders):
            yield _run(f"mapping {name}", lambda one=name: library.compiled(one))  # type: ignore[misc]


def run_suite(suite: object, title: str) -> list[Check]:
    """Run every ``test_`` method of a suite; nothing that goes wrong in one keeps the others from running."""
    names = [name for name in dir(suite) if name.startswith("test_")]
    return [_run(f"{title}: {name.removeprefix('test_').replace('_', ' ')}", getattr(suite, name)) for name in names]


def _run(name: str, function: Callable[[], Any]) -> Check:
    try:
        function()
    except (NotConforming, HubError) as exc:
        return Check(name, str(exc) or type(exc).__name__)
    except Exception as exc:
        # A plugin under check may do anything; it is the check that must go on.
        return Check(name, f"{type(exc).__name__}: {exc}")
    return Check(name)
