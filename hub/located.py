"""Configuration files in which every key knows its line, so that an error can name file and line.

YAML is read with every scalar as text: ``id: 0012`` stays ``0012`` and ``country: NO`` stays ``NO``, where YAML 1.1
would make an octal number and a false of them. The model that validates the file converts where it wants a number.
Configuration is data: no tags, no code, bounded in size, depth and number of nodes.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError

if TYPE_CHECKING:
    import yaml

Path_ = tuple[str | int, ...]
MAXIMUM_BYTES = 2_000_000
MAXIMUM_NODES = 200_000
MAXIMUM_DEPTH = 50
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Located:
    """A configuration file's data and the line (1-based) of every key and list item, by its path in the data."""

    file: Path
    data: dict[str, Any]
    lines: Mapping[Path_, int] = field(default_factory=dict)

    def line(self, path: Iterable[str | int]) -> int | None:
        """The line of ``path``, or of the nearest thing around it that the file holds."""
        place = tuple(path)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def error(self, path: Iterable[str | int], message: str, hint: str = "") -> ConfigurationError:
        """An error about what stands at ``path`` in this file."""
        return ConfigurationError(message, file=self.file, line=self.line(path), hint=hint)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that names the known words that begin so, else the nearest, else all of them."""
    names = sorted(known)
    begun = [name for name in names if len(word) >= 3 and name.startswith(word)]
    near = begun if 0 < len(begun) <= 9 else difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    if not names:
        return ""
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"Known here: {shown}."


def read_text(file: Path, most: int = MAXIMUM_BYTES) -> str:
    """The text of a configuration file: UTF-8, at most so many bytes. Raises ``ConfigurationError`` with what to do."""
    try:
        with file.open("rb") as stream:
            content = stream.read(most + 1)
    except FileNotFoundError:
        raise ConfigurationError("there is no such file", file=file) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(
            f"the file cannot be read: {reason}", file=file, hint="Give the user who runs the hub the right to read it."
        ) from None
    if len(content) > most:
        raise ConfigurationError(f"the file is larger than {most} bytes", file=file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            "the file is not UTF-8", file=file, line=line, hint="Save it as UTF-8 in your editor."
        ) from None


def yaml_node(file: Path) -> yaml.MappingNode | None:
    """The nodes of a YAML file whose top is a mapping, None for an empty file."""
    import yaml

    text = read_text(file)
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "wrong syntax"
        raise ConfigurationError(
            f"not valid YAML: {problem}",
            file=file,
            line=mark.line + 1 if mark else None,
            hint="Look at the indentation, at missing quotes and colons on this line and the one above.",
        ) from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"not valid YAML: {str(error).splitlines()[0]}", file=file) from None
    except RecursionError:
        raise ConfigurationError("the file is nested too deeply", file=file) from None
    if node is None or isinstance(node, yaml.MappingNode):
        return node
    raise ConfigurationError("the file must hold 'key: value' lines", file=file, line=node.start_mark.line + 1)


def read_yaml(file: Path) -> Located:
    """Read a YAML file whose top is a mapping; every scalar is text, an empty one or ``null`` is None."""
    node = yaml_node(file)
    if node is None:
        return Located(file, {})
    walker = _Walker(file)
    data = walker.value(node, ())
    return Located(file, data, walker.lines)


class _Walker:
    """Turns YAML's nodes into plain data, noting lines. Anchors count every time they are used, so that a few
    nested ones cannot grow without bound."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: dict[Path_, int] = {}
        self.nodes = 0

    def value(self, node: yaml.Node, path: Path_) -> Any:
        import yaml

        self.nodes += 1
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if self.nodes > MAXIMUM_NODES or len(path) > MAXIMUM_DEPTH:
            raise ConfigurationError("the file is nested too deeply or holds too much", file=self.file, line=line)
        if isinstance(node, yaml.ScalarNode):
            return None if not node.style and node.value in _NOTHING else str(node.value)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.MappingNode)
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigurationError("a key must be a single word", file=self.file, line=line)
            if key in out:
                first = self.lines.get((*path, key))
                raise ConfigurationError(
                    f"the key '{key}' stands here a second time (first on line {first})",
                    file=self.file,
                    line=line,
                    hint="Keep one of the two; YAML would silently forget the first.",
                )
            self.lines[(*path, key)] = line
            out[key] = self.value(value_node, (*path, key))
        return out


def read_toml(file: Path, most: int = MAXIMUM_BYTES) -> Located:
    """Read a TOML file of at most ``most`` bytes with the lines of its tables and keys."""
    text = read_text(file, most)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        problem = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise ConfigurationError(
            f"not valid TOML: {problem}", file=file, line=line, hint='Text needs quotes: name = "value".'
        ) from None
    return Located(file, data, _toml_lines(text))


def _toml_lines(text: str) -> dict[Path_, int]:
    """Lines of ``[table]``, ``[[table]]`` and ``key =``, well enough to point a person at them."""
    lines: dict[Path_, int] = {}
    table: Path_ = ()
    counts: dict[Path_, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            name: Path_ = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            if header[1] == "[[":
                index = counts.get(name, -1) + 1
                counts[name] = index
                lines.setdefault(name, number)
                name = (*name, index)
            elif name[:1] and name[:1] in counts and len(name) > 1:
                name = (name[0], counts[name[:1]], *name[1:])
            table = name
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([A-Za-z0-9_.\"'-]+)\s*=", line):
            dotted = tuple(part.strip("\"'") for part in key[1].split("."))
            for depth in range(1, len(dotted) + 1):
                lines.setdefault((*table, *dotted[:depth]), number)
    return lines
