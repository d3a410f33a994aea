"""The connector of one endpoint file: what the hub's jobs open, pull from, push to and close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError
from hub.located import Located, did_you_mean, read_toml, read_yaml
from hub.translation import Pulled, Receipt
from hub.validation import validated
from hub_soap.client import SoapClient
from hub_soap.errors import classify
from hub_soap.pull import Puller
from hub_soap.push import Pusher
from hub_soap.settings import Endpoint

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.mapping.library import MappingLibrary
    from hub.model.document import Document


class SoapConnector:
    """A ``hub.translation.Connector``. Loads the WSDL and checks every name of the endpoint file against it, and
    every mapping, before anything is called."""

    def __init__(self, located: Located, endpoint: Endpoint, library: MappingLibrary) -> None:
        self.name = endpoint.name or located.file.stem
        self.system = endpoint.system or self.name
        self.endpoint = endpoint
        self._located = located
        self._mappings = self._load_mappings(library)
        self._client = SoapClient(located, endpoint, self.name)

    def pull(self, kind: str, since: str | None) -> Iterator[Pulled]:
        """See ``hub.translation.Connector.pull``. Raises one of the hub's errors, also in the middle: what came
        before is complete up to its watermark."""
        spec = self.endpoint.pull.get(kind)
        if spec is None:
            raise self._unknown("pull", kind, self.endpoint.pull)
        return self._translated(Puller(self._client, kind, spec, self._mappings["pull", kind]).run(since), kind)

    def push(self, document: Document, key: str) -> Receipt:
        """See ``hub.translation.Connector.push``."""
        spec = self.endpoint.push.get(document.kind)
        if spec is None:
            raise self._unknown("push", document.kind, self.endpoint.push)
        try:
            return Pusher(self._client, document.kind, spec, self._mappings["push", document.kind]).run(document, key)
        except Exception as error:
            raise classify(error, f"{self.name}: push of {document.kind}", self._client.mask) from None

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _translated(self, batches: Iterator[Pulled], kind: str) -> Iterator[Pulled]:
        try:
            yield from batches
        except Exception as error:
            raise classify(error, f"{self.name}: pull of {kind}", self._client.mask) from None

    def _load_mappings(self, library: MappingLibrary) -> dict[tuple[str, str], CompiledMapping]:
        wanted = [("pull", kind, pull.mapping) for kind, pull in self.endpoint.pull.items()]
        wanted += [("push", kind, push.mapping) for kind, push in self.endpoint.push.items()]
        out: dict[tuple[str, str], CompiledMapping] = {}
        for way, kind, name in wanted:
            try:
                mapping = library.compiled(name)
            except ConfigurationError as error:
                if error.file is None:
                    raise self._located.error((way, kind, "mapping"), error.message, error.hint) from None
                raise
            if mapping.document != kind or mapping.shape != "tree":
                raise self._located.error(
                    (way, kind, "mapping"),
                    f"the mapping '{name}' makes {mapping.document} from {mapping.shape}, not {kind} from a tree",
                )
            out[way, kind] = mapping
        return out

    def _unknown(self, way: str, kind: str, known: Mapping[str, Any]) -> ConfigurationError:
        return self._located.error((way,), f"this endpoint does not {way} {kind}", did_you_mean(kind, known))


def open_endpoint(settings: Mapping[str, Any], opened: Callable[..., SoapConnector] = SoapConnector) -> SoapConnector:
    """Open an endpoint: ``{"file": Path, "library": MappingLibrary}``. The file is YAML or, by its ending, TOML.

    Raises ``ConfigurationError`` with file and line for everything that a person must set right, ``TemporaryError``
    where the WSDL cannot be fetched just now."""
    file = Path(settings["file"])
    located = read_toml(file) if file.suffix == ".toml" else read_yaml(file)
    return opened(located, validated(Endpoint, located), settings["library"])
