"""What every connector must do: pull from a watermark, push once per key, raise only errors of the hub."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from hub.errors import HubError
from hub.testing.expect import NotConforming, expect, only_hub_errors
from hub.translation import Connector, Pulled, Receipt

if TYPE_CHECKING:
    from hub.model.document import Document


class ConnectorConformance:
    """Subclass it, return a connector to a running test endpoint from ``connect`` (a new one each time, to the same
    endpoint), name the ``kinds`` it pulls, and return a document to push from ``document`` (None where it pushes
    nothing)."""

    kinds: ClassVar[Sequence[str]] = ()

    def connect(self) -> Connector:
        """A connector to the test endpoint; to be given by the subclass."""
        raise NotConforming("give connect(): it returns a connector to a running test endpoint")

    def document(self) -> Document | None:
        """A document that the endpoint does not have yet, a new one each time."""
        return None

    def _pull(self, connector: Connector, kind: str, since: str | None) -> list[Pulled]:
        answer = only_hub_errors(f"pull({kind})", lambda: list(connector.pull(kind, since)))
        if isinstance(answer, HubError):
            raise NotConforming(f"pull({kind}) from a healthy endpoint raised {answer}")
        batches: list[Pulled] = answer
        return batches

    def test_pulling_all_then_nothing(self) -> None:
        """A full pull gives documents of the kind and a watermark; from there on nothing comes twice."""
        with closing(self.connect()) as connector:
            for kind in self.kinds:
                batches = self._pull(connector, kind, None)
                found = [one for batch in batches for one in batch.documents]
                expect(bool(found), f"pull({kind}) gives nothing; let the test endpoint have some")
                wrong = sorted({one.kind for one in found} - {kind})
                expect(not wrong, f"pull({kind}) gives {', '.join(wrong)}")
                expect(all(batch.watermark for batch in batches), f"pull({kind}): a batch has no watermark")
                again = [one for batch in self._pull(connector, kind, batches[-1].watermark) for one in batch.documents]
                before = {one.digest() for one in found}
                new = [one for one in again if one.digest() not in before]
                expect(not new, f"pull({kind}) from the last watermark gives documents that the full pull had missed")

    def test_pulling_again_from_every_watermark(self) -> None:
        """Going on from any batch's watermark loses nothing of what came after it."""
        for kind in self.kinds:
            with closing(self.connect()) as connector:
                batches = self._pull(connector, kind, None)
            for at, batch in enumerate(batches[:-1]):
                with closing(self.connect()) as connector:
                    parts = self._pull(connector, kind, batch.watermark)
                rest = {one.digest() for part in parts for one in part.documents}
                missing = [one for part in batches[at + 1 :] for one in part.documents if one.digest() not in rest]
                expect(not missing, f"pull({kind}) from watermark {batch.watermark!r} misses {len(missing)} documents")

    def test_pushing_twice_is_pushing_once(self) -> None:
        """The same key delivers once, also over a new connection."""
        document = self.document()
        if document is None:
            return
        with closing(self.connect()) as connector:
            first = only_hub_errors("push", connector.push, document, "conformance-key-1")
        with closing(self.connect()) as connector:
            second = only_hub_errors("push", connector.push, document, "conformance-key-1")
        for receipt in (first, second):
            expect(isinstance(receipt, Receipt), f"push gave {receipt!r}, not a Receipt")
        expect(bool(first.external_id) and first.external_id == second.external_id, "a retry got another id")
        expect(first.created and not second.created, "created must be True the first time and False on a retry")

    def test_unknown_kind_and_closing_twice(self) -> None:
        """A kind that the endpoint has not is our mistake; closing is harmless."""
        connector = self.connect()
        answer = only_hub_errors("pull of an unknown kind", lambda: list(connector.pull("NoSuchKind", None)))
        expect(isinstance(answer, HubError), "pulling a kind that does not exist must raise ConfigurationError")
        connector.close()
        only_hub_errors("closing twice", connector.close)
