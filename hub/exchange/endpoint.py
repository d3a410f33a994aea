"""Endpoint files: what kind of place it is, what is pulled and pushed; opened by the plugin's connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import ConfigurationError
from hub.located import Located, did_you_mean, read_toml, read_yaml

if TYPE_CHECKING:
    from hub.exchange.session import Hub
    from hub.translation import Connector

SUFFIXES = (".yaml", ".yml", ".toml")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What every endpoint file says, whatever its type: ``type``, and the kinds of documents under ``pull`` and
    ``push``. ``system`` is the name under which its record numbers are known."""

    name: str
    type: str
    system: str
    pull: tuple[str, ...]
    push: tuple[str, ...]
    located: Located


def endpoint_files(hub: Hub) -> dict[str, Path]:
    """Endpoint files by name."""
    folder = hub.workspace.endpoints
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {file.stem: file for file in files if file.suffix in SUFFIXES and not file.name.startswith(".")}


def read_endpoint(hub: Hub, name: str) -> Endpoint:
    """The endpoint ``name``. Raises ``ConfigurationError`` where there is none, or no plugin knows its type."""
    files = endpoint_files(hub)
    if name not in files:
        raise ConfigurationError(
            f"there is no endpoint '{name}'",
            file=hub.workspace.endpoints,
            hint=did_you_mean(name, files) or f"Make {hub.workspace.endpoints / (name + '.yaml')}.",
        )
    file = files[name]
    located = read_toml(file) if file.suffix == ".toml" else read_yaml(file)
    types = hub.plugins.connector_types
    kind = located.data.get("type")
    if not isinstance(kind, str) or kind not in types:
        missing = "the file does not say its type" if kind is None else f"no installed plugin opens the type '{kind}'"
        hint = f"{did_you_mean(str(kind), types)} `hub plugins` tells what is installed."
        raise located.error(("type",), missing, hint if kind is not None else f"Add: type: {next(iter(types), 'soap')}")
    for key in ("pull", "push"):
        if not isinstance(located.data.get(key) or {}, dict):
            raise located.error((key,), f"'{key}' must name kinds of documents, such as {key}: {{Party: …}}")
    return Endpoint(
        name,
        kind,
        str(located.data.get("system") or located.data.get("name") or name),
        tuple(located.data.get("pull") or ()),
        tuple(located.data.get("push") or ()),
        located,
    )


@contextmanager
def connected(hub: Hub, endpoint: Endpoint) -> Iterator[Connector]:
    """The endpoint's connector, closed on leaving. Raises what the plugin raises."""
    opened = hub.plugins.connector_types[endpoint.type].open
    connector = opened({"file": endpoint.located.file, "library": hub.library})
    try:
        yield connector
    finally:
        connector.close()
