"""Code lists: versioned data, used in both directions, with partner lists looked up before the standard's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.errors import ConfigurationError
from hub.located import did_you_mean
from hub.mapping import source


@dataclass(frozen=True)
class CodeList:
    """One list. ``read`` maps the partner's code to the canonical value, ``write`` the canonical value to a code."""

    name: str
    version: str
    read: dict[str, str]
    write: dict[str, str]
    file: str

    def code(self, word: str, what: str = "") -> str:
        """The code of a canonical word, or of one that reading has marked with this list (``x12.355:CS``). Raises
        ``ValueError`` where there is none; ``what`` says what the word is for."""
        known = self.write.get(word)
        if known is not None:
            return known
        marked = self.name.rpartition("+")[2] + ":"
        if word.startswith(marked):
            return word[len(marked) :]
        raise ValueError(f"list {self.name} has no code for {f'{what} {word}' if what else word}")

    def over(self, base: CodeList) -> CodeList:
        """This list first, ``base`` for the rest."""
        return CodeList(
            f"{self.name}+{base.name}", self.version, base.read | self.read, base.write | self.write, self.file
        )


def load_list(path: Path) -> CodeList:
    """Read ``<list>.yaml``: ``list``, ``version``, ``codes: {code: canonical}``, optional ``reverse``.

    Writing uses the first code of a canonical value unless ``reverse`` says another.
    """
    block = source.load(path)
    known = {"list", "version", "codes", "reverse"}
    for key, entry in block.entries.items():
        if key not in known:
            raise source.fault(f"a code list has no {key}", entry, did_you_mean(key, known))
    name = block.text("list")
    if name != path.name.removesuffix(".yaml"):
        raise ConfigurationError(f"list: {name} does not agree with the file's name", file=path, line=1)
    read = _table(block, "codes")
    write: dict[str, str] = {}
    for code, value in read.items():
        write.setdefault(value, code)
    write.update(_table(block, "reverse"))
    return CodeList(name, block.text("version"), read, write, str(path))


def _table(block: source.Block, key: str) -> dict[str, str]:
    value = block.get(key)
    if value is None:
        return {}
    if not isinstance(value, source.Block):
        raise source.fault(f"{key} must be 'code: value' lines", value)
    table = {}
    for code, entry in value.entries.items():
        if not isinstance(entry.value, source.Text) or entry.value.value is None:
            raise source.fault(f"{code} has no value", entry)
        table[code] = entry.value.value
    return table


class CodeLists:
    """All lists in some folders; a later folder's list of the same name replaces an earlier one's."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._files = {
            path.name.removesuffix(".yaml"): path
            for folder in folders
            if folder.is_dir()
            for path in sorted(folder.glob("*.yaml"))
        }
        self._loaded: dict[str, CodeList] = {}

    def names(self) -> list[str]:
        """Names of all lists."""
        return sorted(self._files)

    def get(self, names: Sequence[str]) -> CodeList:
        """The list ``names[0]`` with the lists after it laid over it, last wins: ``code(x12.355, acme.units)``.

        Raises ``KeyError`` with the name of a list that is nowhere.
        """
        found = self._one(names[0])
        for name in names[1:]:
            found = self._one(name).over(found)
        return found

    def _one(self, name: str) -> CodeList:
        if name not in self._loaded:
            self._loaded[name] = load_list(self._files[name])
        return self._loaded[name]
