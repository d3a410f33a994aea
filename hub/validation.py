"""Configuration data against its pydantic model: problems in words, with file, line and what to do."""

from __future__ import annotations

import re
import types
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from hub.errors import ConfigurationError
from hub.located import Located, did_you_mean

Model = TypeVar("Model", bound=BaseModel)
_SECRET = re.compile(r"secret|password|token|credential|key$|url$", re.IGNORECASE)


class Configured(BaseModel):
    """What every part of a configuration file is: frozen, and no key that nobody reads."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def validated(model: type[Model], located: Located, data: Any = None) -> Model:
    """The file's data as ``model``. Raises one ``ConfigurationError`` that names every problem, the first one's
    line as the error's line. Values of keys that sound like secrets are never shown."""
    try:
        return model.model_validate(located.data if data is None else data)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    described = [(tuple(problem["loc"]), *_words(model, problem)) for problem in problems]
    described.sort(key=lambda item: located.line(item[0]) or 0)
    place, message, hint = described[0]
    rest = [
        f"also line {located.line(path) or '?'}: {text}" + (f" {advice}" if advice else "")
        for path, text, advice in described[1:10]
    ]
    if len(described) > 10:
        rest.append(f"and {len(described) - 10} more")
    raise ConfigurationError(
        message, file=located.file, line=located.line(place), hint="\n  ".join(part for part in (hint, *rest) if part)
    )


def _words(model: type[BaseModel], problem: Any) -> tuple[str, str]:
    """One of pydantic's problems as a sentence and an advice."""
    path = tuple(problem["loc"])
    key, kind, value = _dotted(path), problem["type"], problem.get("input")
    shown = "" if _SECRET.search(key) or isinstance(value, dict | list) else f", not '{value}'"
    if kind == "missing":
        return f"'{key}' is missing", "Add it."
    if kind == "extra_forbidden":
        return f"unknown key '{key}'", did_you_mean(str(path[-1]), _fields(model, path[:-1]))
    if kind in ("literal_error", "enum"):
        choices = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
        return f"'{key}' must be one of {', '.join(choices)}{shown}", _nearest(value, choices)
    if kind == "value_error":
        return f"'{key}': {problem['ctx']['error']}", ""
    message = str(problem["msg"])
    return f"'{key}': {message[:1].lower()}{message[1:]}{shown}", ""


def _nearest(value: Any, choices: list[str]) -> str:
    advice = did_you_mean(str(value), choices)
    return advice if advice.startswith("Did") else ""


def _dotted(path: tuple[str | int, ...]) -> str:
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def _fields(annotation: Any, path: tuple[str | int, ...]) -> set[str]:
    """The keys that the model knows at ``path``."""
    if get_origin(annotation) in (Union, types.UnionType):
        return set().union(*(_fields(part, path) for part in get_args(annotation)))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        known = annotation.model_fields
        if not path:
            return {info.alias or name for name, info in known.items()}
        for name, info in known.items():
            if path[0] in (name, info.alias):
                return _fields(info.annotation, path[1:])
        return set()
    arguments = get_args(annotation)
    return _fields(arguments[-1 if get_origin(annotation) is dict else 0], path[1:]) if arguments and path else set()
