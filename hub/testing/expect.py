"""How the suites say what is wrong: in words, because asserts of a library are not rewritten by anybody's pytest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.errors import HubError


class NotConforming(AssertionError):
    """A plugin does not do what its interface promises."""


def expect(condition: bool, message: str) -> None:
    """Raise ``NotConforming`` with ``message`` unless ``condition`` holds."""
    if not condition:
        raise NotConforming(message)


def only_hub_errors(what: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """The function's result, or the ``HubError`` it raised; anything else that is raised is ``NotConforming``."""
    try:
        return function(*arguments)
    except HubError as exc:
        return exc
    except NotConforming:
        raise
    except Exception as exc:
        raise NotConforming(
            f"{what} raised {type(exc).__name__}: {exc}; only the errors of hub.errors may leave a plugin"
        ) from exc
