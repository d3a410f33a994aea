"""Conformance suites for authors of plugins: plain classes to subclass in a test module of one's own.

    from hub.testing import TranslatorConformance

    class TestAcme(TranslatorConformance):
        translator = AcmeTranslator()
        samples = (Path("samples/orders.jsonl"),)

Their names do not begin with ``Test``, so that pytest runs what was subclassed and not the suites themselves. They need
no pytest: ``hub plugin check`` runs the same methods.
"""

from hub.testing.connectors import ConnectorConformance
from hub.testing.contexts import StandaloneReadContext, StandaloneWriteContext
from hub.testing.converters import ConverterConformance
from hub.testing.replicas import ReplicaConformance
from hub.testing.translators import TranslatorConformance

__all__ = [
    "ConnectorConformance",
    "ConverterConformance",
    "ReplicaConformance",
    "StandaloneReadContext",
    "StandaloneWriteContext",
    "TranslatorConformance",
]
