"""The core of the integration hub: documents, partners, exchanges and stores; no wire format, no endpoint, no scheduler."""

__version__ = "0.1.0"
