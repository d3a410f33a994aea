"""SOAP endpoints: an ERP described by an endpoint file and mapping files. See README.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.hookspecs import hookimpl
from hub.translation import Connector, ConnectorType

if TYPE_CHECKING:
    from hub.mapping.converters import Converter

HUB_REQUIRES = {"zeep": "soap", "lxml": "soap", "requests": "soap"}
"""Libraries of the extra ``soap``, imported when an endpoint is opened."""


def _open(settings: Any) -> Connector:
    # zeep and lxml cost 0.2 s to import; only who opens an endpoint pays.
    from hub_soap.connector import open_endpoint

    return open_endpoint(settings)


@hookimpl
def hub_register_connectors() -> Sequence[ConnectorType]:
    """The connector type ``soap``; ``open({"file": Path, "library": MappingLibrary})``."""
    return [ConnectorType("soap", _open)]


@hookimpl
def hub_register_converters() -> Sequence[Converter]:
    """``under``: a number into a map of numbers."""
    from hub_soap.converters import UNDER

    return [UNDER]


@hookimpl
def hub_register_mappings() -> Sequence[Path]:
    """The folder of mapping files that need this plugin's converters."""
    return [Path(__file__).parent / "mappings"]
