"""Load the plugins and ask them: translators, grammars, mappings, converters, connectors, replicas, validation.

There is no global manager: whoever needs plugins (a command, a job, a test) makes one ``Plugins`` and hands it on.
Built-in plugins are found by entry point like anybody's. A plugin that cannot be loaded is listed as unavailable
with its reason; what two plugins cannot both have (a name) and what nobody can call (an unknown hook) is refused.
"""

from __future__ import annotations

import difflib
import inspect
import logging
import os
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from hub import hookspecs
from hub.discovery import GROUP, Candidate, Unavailable, candidates, folders_of, load, named
from hub.errors import DocumentRejected, HubError, PluginError
from hub.findings import Finding, Position, error, warning

if TYPE_CHECKING:
    from hub.grammar import Grammar
    from hub.mapping.forms import Function
    from hub.model.document import Document
    from hub.translation import ConnectorType, GrammarLoader, ReplicaType, Translator

_log = logging.getLogger(__name__)

LOADED, UNAVAILABLE = "loaded", "unavailable"
HOOKS = tuple(sorted(name for name in vars(hookspecs) if name.startswith("hub_")))
"""Names of all hooks that a plugin can implement."""

TRANSLATOR = ("identify", "read", "write", "acknowledge", "refuse")
"""The methods of a translator."""


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """One line of ``hub plugins``. ``state`` is ``loaded`` or ``unavailable``, then with ``reason`` and, where one
    is known, the command that helps in ``hint``."""

    name: str
    module: str
    distribution: str
    version: str
    state: str
    reason: str = ""
    hint: str = ""
    hooks: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()
    connectors: tuple[str, ...] = ()
    replicas: tuple[str, ...] = ()
    converters: tuple[str, ...] = ()
    mapping_folders: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON form, empty parts left out."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


class Plugins:
    """The plugins of this installation, loaded once. Safe to share between threads.

    ``entry_points`` replaces what is installed (tests). ``strict`` raises ``PluginError`` for an unavailable plugin
    instead of listing it. ``HUB_TRACE_HOOKS=1`` in the environment prints every hook call to stderr.
    Raises ``PluginError`` for two plugins, translators, converters, connectors or replicas of one name and for
    hooks that do not fit their specification.
    """

    def __init__(self, entry_points: Iterable[metadata.EntryPoint] | None = None, *, strict: bool = False) -> None:
        self.translators: dict[str, Translator] = {}
        self.connector_types: dict[str, ConnectorType] = {}
        self.replica_types: dict[str, ReplicaType] = {}
        self.converters: dict[str, Function] = {}
        self.mapping_folders: list[Path] = []
        self._loaders: dict[str, GrammarLoader] = {}
        self._grammars: dict[str, Grammar | None] = {}
        self._lock = threading.Lock()
        self._trace = os.environ.get("HUB_TRACE_HOOKS", "") not in ("", "0")
        self._owners: dict[tuple[str, str], Candidate] = {}
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._status = [self._start(candidate, strict) for candidate in candidates(entry_points)]

    def status(self) -> list[PluginStatus]:
        """Every plugin that is installed, loaded or not, sorted by name."""
        return list(self._status)

    def grammar(self, name: str) -> Grammar | None:
        """The grammar called ``name`` (``x12/004010/850``), or None if no plugin knows it; asked for once.
        Raises ``PluginError`` when two plugins know it, because nothing may depend on their order."""
        with self._lock:
            if name not in self._grammars:
                found = {
                    plugin: grammar
                    for plugin, loader in self._loaders.items()
                    if (grammar := self._guarded(plugin, "grammar loader", loader, name)) is not None
                }
                if len(found) > 1:
                    raise PluginError(
                        f"grammar {name!r} is offered by the plugins {_listed(found)}",
                        hint="Give one of them another name, or uninstall that plugin.",
                    )
                self._grammars[name] = next(iter(found.values()), None)
            return self._grammars[name]

    def identify(self, head: bytes, filename: str) -> Translator:
        """The one translator for a payload that begins with ``head`` (up to 4 KB).

        A translator with ``generic = True`` (delimited text, say) is asked last: it takes what no other one claims.
        Raises ``DocumentRejected`` with a finding when none or several claim the payload.
        """
        claims: list[Translator] = []
        failures: list[str] = []
        for name, translator in sorted(self.translators.items()):
            try:
                claimed = translator.identify(head, filename)
            except Exception as exc:
                # One translator's mistake must not stop the others' payloads; it is told if nobody else claims it.
                _log.warning("translator %s failed to identify a payload", name, exc_info=True)
                failures.append(f"{name} failed with {type(exc).__name__}: {exc}")
                continue
            if self._trace:
                _traced(name, "identify", repr(filename), repr(claimed))
            if claimed:
                claims.append(translator)
        specific = [one for one in claims if not getattr(one, "generic", False)]
        chosen = specific or claims
        if len(chosen) == 1:
            return chosen[0]
        raise _unidentified(chosen, failures, head, filename, self.translators)

    def validate(self, document: Document, partner: str) -> list[Finding]:
        """What the plugins find in a decoded document of a partner (its name, or ''); an error rejects it.
        Raises ``PluginError`` when a plugin fails, because an unchecked document must not be stored."""
        findings: list[Finding] = []
        for plugin, answer in self._ask("hub_validate", document=document, partner=partner):
            for finding in answer or ():
                if not isinstance(finding, Finding):
                    raise PluginError(f"plugin {plugin!r}: hub_validate returned {type(finding).__name__}, not Finding")
                findings.append(finding)
        return findings

    def exchange_finished(self, exchange: Mapping[str, Any]) -> list[Finding]:
        """Tell the plugins that an exchange is over. It is committed already, so that a plugin that fails changes
        nothing: its failure comes back as a warning, and the other plugins are still told."""
        findings = []
        for impl in self._manager.hook.hub_exchange_finished.get_hookimpls():
            try:
                self._call(impl, {"exchange": dict(exchange)})
            except Exception as exc:
                _log.warning("plugin %s failed after an exchange", impl.plugin_name, exc_info=True)
                text = f"plugin {impl.plugin_name!r} failed in hub_exchange_finished: {type(exc).__name__}: {exc}"
                findings.append(warning("plugin.failed", text))
        return findings

    def _ask(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        impls = sorted(getattr(self._manager.hook, hook).get_hookimpls(), key=lambda impl: impl.plugin_name)
        return [
            (impl.plugin_name, self._guarded(impl.plugin_name, hook, self._call, impl, arguments)) for impl in impls
        ]

    def _call(self, impl: pluggy.HookImpl, arguments: Mapping[str, Any]) -> Any:
        answer = impl.function(*(arguments[name] for name in impl.argnames))
        if self._trace:
            given = ", ".join(map(_short, arguments.values()))
            _traced(impl.plugin_name, impl.function.__name__, given, _short(answer))
        return answer

    @staticmethod
    def _guarded(plugin: str, what: str, function: Any, *arguments: Any) -> Any:
        """Call into a plugin; an exception that is not one of ours becomes a ``PluginError`` that names the plugin."""
        try:
            return function(*arguments)
        except HubError:
            raise
        except Exception as exc:
            raise PluginError(
                f"plugin {plugin!r} failed in {what}: {type(exc).__name__}: {exc}",
                hint=f"This is a mistake in the plugin; check it: hub plugin check {plugin}",
            ) from exc

    def _start(self, candidate: Candidate, strict: bool) -> PluginStatus:
        known: dict[str, Any] = {
            name: getattr(candidate, name) for name in ("name", "module", "distribution", "version")
        }
        try:
            plugin = load(candidate)
            known |= self._register(candidate, plugin)
        except Unavailable as exc:
            if strict:
                raise PluginError(f"plugin {candidate} cannot be used: {exc.reason}", hint=exc.hint) from exc
            return PluginStatus(**known, state=UNAVAILABLE, reason=exc.reason, hint=exc.hint)
        hooks = tuple(sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or ()))
        return PluginStatus(**known, state=LOADED, reason="" if hooks else "implements no hook of the hub", hooks=hooks)

    def _register(self, candidate: Candidate, plugin: Any) -> dict[str, tuple[str, ...]]:
        """Register one plugin and take what it offers; either all of it or nothing."""
        for name in HOOKS:
            function = getattr(plugin, name, None)
            if inspect.isroutine(function) and not hasattr(function, f"{GROUP}_impl"):
                raise PluginError(
                    f"plugin {candidate} has a function {name} that is not marked as a hook",
                    hint="Put @hookimpl above it (from hub.hookspecs import hookimpl).",
                )
        try:
            self._manager.register(plugin, candidate.name)
        except (pluggy.PluginValidationError, ValueError) as exc:
            raise PluginError(f"plugin {candidate} does not fit the hooks: {' '.join(str(exc).split())}") from exc
        try:
            self._refuse_unknown_hooks(candidate, plugin)
            return self._take(candidate, plugin)
        except (Unavailable, PluginError):
            self._manager.unregister(plugin)
            raise

    def _refuse_unknown_hooks(self, candidate: Candidate, plugin: Any) -> None:
        for caller in self._manager.get_hookcallers(plugin) or ():
            if not caller.has_spec():
                close = difflib.get_close_matches(caller.name, HOOKS, 1)
                raise PluginError(
                    f"plugin {candidate} implements {caller.name}, which is no hook of the hub",
                    hint=f"Did you mean {close[0]}?" if close else f"The hooks are: {', '.join(HOOKS)}",
                )
            for impl in caller.get_hookimpls():
                if impl.plugin is plugin and (impl.wrapper or impl.hookwrapper):
                    raise PluginError(
                        f"plugin {candidate} wraps {caller.name}; the hub does not call wrappers",
                        hint="Return a value from a plain @hookimpl function instead.",
                    )

    def _take(self, candidate: Candidate, plugin: Any) -> dict[str, tuple[str, ...]]:
        answers: dict[str, Any] = {}
        for caller in self._manager.get_hookcallers(plugin) or ():
            if caller.name.startswith("hub_register_"):
                (impl,) = [one for one in caller.get_hookimpls() if one.plugin is plugin]
                try:
                    answers[caller.name] = self._call(impl, {})
                except Exception as exc:
                    raise Unavailable(f"{caller.name} failed: {type(exc).__name__}: {exc}") from exc
        offers = {
            "translators": named(answers, "translators", ("name", *TRANSLATOR)),
            "connectors": named(answers, "connectors", ("type", "open")),
            "replicas": named(answers, "replicas", ("kind", "open")),
            "converters": named(answers, "converters", ("name",)),
        }
        folders = folders_of(answers.get("hub_register_mappings"))
        loader = answers.get("hub_register_grammars")
        if loader is not None and not callable(loader):
            raise Unavailable(f"hub_register_grammars returned {type(loader).__name__}, not a function of a name")
        for what, offered in offers.items():
            for name in offered:
                self._claim(what, name, candidate)
        self.translators.update(offers["translators"])
        self.connector_types.update(offers["connectors"])
        self.replica_types.update(offers["replicas"])
        self.converters.update(offers["converters"])
        self.mapping_folders.extend(folders)
        if loader is not None:
            self._loaders[candidate.name] = loader
        names = {what: tuple(offered) for what, offered in offers.items()}
        return names | {"mapping_folders": tuple(str(folder) for folder in folders)}

    def _claim(self, what: str, name: str, candidate: Candidate) -> None:
        other = self._owners.setdefault((what, name), candidate)
        if other is not candidate:
            raise PluginError(
                f"two plugins offer a {what.removesuffix('s')} called {name!r}: {other} and {candidate}",
                hint=f"Rename one, or uninstall its distribution: pip uninstall "
                f"{candidate.distribution or candidate.module}",
            )


_PACKED = (
    (b"\x1f\x8b", "compressed (gzip)"), (b"PK\x03\x04", "an archive (zip), or a document of an office program"),
    (b"BZh", "compressed (bzip2)"), (b"\xfd7zXZ", "compressed (xz)"), (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
    (b"7z\xbc\xaf", "an archive (7z)"), (b"%PDF", "a PDF"),
)  # fmt: skip
"""What is sent by mistake: the first bytes, and what they are."""


def _unidentified(
    claims: Sequence[Translator], failures: Sequence[str], head: bytes, filename: str, known: Iterable[str]
) -> DocumentRejected:
    where = Position(file=filename)
    if claims:
        text = (
            f"{filename or 'the payload'} is claimed by the translators {_listed(one.name for one in claims)}; "
            "uninstall the plugin that should not, or have its identify() look closer"
        )
        return DocumentRejected(text, [error("payload.ambiguous", text, where)])
    begins = head[:24].decode("ascii", "backslashreplace").replace("\n", "\\n").replace("\r", "\\r")
    text = (
        f"no translator knows this format; asked: {_listed(known) or 'none is installed'}"
        if head.strip(b"\x00\t\n\r ")
        else "the payload is empty"
    )
    if packed := next((name for magic, name in _PACKED if head.startswith(magic)), ""):
        text = f"the payload is {packed}: unpack it first"
    if failures:
        text += "; " + "; ".join(failures)
    finding = error("payload.unidentified", text, where, value=begins)
    return DocumentRejected(f"{filename}: {text}".lstrip(": "), [finding])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, list | tuple | str | int | None) else type(value).__name__
    return text if len(text) <= 100 else text[:97] + "..."


def _traced(plugin: str, what: str, arguments: str, answer: str) -> None:
    sys.stderr.write(f"hook {plugin}: {what}({arguments}) -> {answer}\n")
