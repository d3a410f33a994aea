"""Signed customer cards: small enough for a chip or a QR code, checked by a till that is off line."""
