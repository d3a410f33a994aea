"""A card's text as a QR code: an SVG or PNG file, or characters for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.errors import ConfigurationError

if TYPE_CHECKING:
    import segno

TYPES = (".svg", ".png")


def check_type(file: Path) -> None:
    """Raises ``ConfigurationError`` for a type of file that no picture has: before anything is issued."""
    if file.suffix.lower() not in TYPES:
        raise ConfigurationError("a picture of a card is an SVG or PNG file", file=file, hint="Name it .svg or .png.")


def write_picture(text: str, file: Path) -> None:
    """Write the QR code of ``text`` as the type that the file's name says. Raises ``ConfigurationError`` where it
    cannot be written."""
    try:
        _code(text).save(str(file), kind=file.suffix.lower()[1:], scale=6)
    except OSError as problem:
        reason = (problem.strerror or str(problem)).lower()
        raise ConfigurationError(f"the picture cannot be written: {reason}", file=file) from None


def show_picture(text: str, out: Any) -> None:
    """Draw the QR code of ``text`` with block characters."""
    _code(text).terminal(out, compact=True)


def _code(text: str) -> segno.QRCode:
    try:
        import segno
    except ImportError:
        raise ConfigurationError(
            "pictures of cards need a library that is not installed",
            hint="Install it: pip install 'erp-edi-hub[cards]'",
        ) from None
    # Level M: a scratched card still reads; the text is in the alphabet that needs the fewest modules.
    return segno.make_qr(text, error="m", boost_error=False)
