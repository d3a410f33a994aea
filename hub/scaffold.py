"""``hub plugin new`` and ``check``: a complete plugin project to start from, and what is said about one."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from hub.discovery import GROUP
from hub.errors import ConfigurationError

if TYPE_CHECKING:
    from hub.testing.checking import Check

_MODULE = '''"""Converter {name}.prefix(X): a partner writes X before our numbers."""

from hub.hookspecs import hookimpl
from hub.mapping.converters import Converter, Pair


def make(args, environment):
    (prefix,) = args
    return Pair(read=lambda text: text.removeprefix(prefix), write=lambda value: prefix + value)


@hookimpl
def hub_register_converters():
    return [Converter("{name}.prefix", make, "prefix(X): a number that the partner writes with X before it")]
'''

_PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{distribution}"
version = "0.1.0"
description = "A plugin of the integration hub"
requires-python = ">=3.11"
dependencies = ["erp-edi-hub"]

[project.entry-points.hub]
{name} = "{module}"

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""

_TEST = '''"""The plugin is found, and its converter does what every converter must."""

from {module} import hub_register_converters

from hub.plugins import Plugins
from hub.testing import ConverterConformance


class TestPrefix(ConverterConformance):
    converter = hub_register_converters()[0]
    args = ("A-",)
    values = ("1", "4711", "")
    texts = ("A-4711", "4711")


def test_plugin_is_installed():
    (status,) = [one for one in Plugins(strict=True).status() if one.name == "{name}"]
    assert status.converters == ("{name}.prefix",)
'''

_README = """# {distribution}

A plugin of the integration hub. It brings one converter that mapping files can use:

    REF02: seller_order_id | {name}.prefix(A-)

Work on it:

    pip install -e .
    hub plugins                 # it is listed as {name}
    hub plugin check {name}
    python -m pytest

A plugin may also bring translators, grammars, mapping folders, connectors, replicas and a validation of documents: each
is a function with `@hookimpl` above it in `{module}/__init__.py`. The hooks and their results are in `hub.hookspecs`;
suites for their tests are in `hub.testing`.
"""


def new_plugin(name: str, parent: Path) -> list[Path]:
    """Write the project ``parent/hub-NAME`` and return its files. ``name`` is a lower-case word.

    Raises ``ConfigurationError`` for a name that cannot be or is taken, and for a folder that is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name) or keyword.iskeyword(name):
        raise ConfigurationError(
            f"{name!r} cannot be a plugin's name", hint="Use a lower-case word of letters, digits and _, such as acme."
        )
    module = f"hub_{name}"
    taken = {point.name: point for point in metadata.entry_points(group=GROUP)}
    if name in taken:
        raise ConfigurationError(
            f"a plugin called {name!r} is installed already ({taken[name].value})",
            hint="Choose another name; 'hub plugins' lists those that are taken.",
        )
    folder = parent / f"hub-{name.replace('_', '-')}"
    if folder.exists():
        raise ConfigurationError("the folder is there already", file=folder, hint="Choose another name or folder.")
    words = {"name": name, "module": module, "distribution": folder.name}
    files = {
        folder / "pyproject.toml": _PROJECT,
        folder / "README.md": _README,
        folder / module / "__init__.py": _MODULE,
        folder / "tests" / f"test_{name}.py": _TEST,
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**words), encoding="utf-8")
    return list(files)


def check_plugin(name: str, samples: Sequence[Path] = ()) -> list[Check]:
    """Run the conformance suites over a plugin or a module; see ``hub.testing.checking.check_plugin``."""
    from hub.testing.checking import check_plugin as checked

    return checked(name, samples)
