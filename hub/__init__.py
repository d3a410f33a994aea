"""The core of the integration hub: documents, partners, exchanges, stores; no wire format, endpoint or scheduler."""

__version__ = "0.1.0"
