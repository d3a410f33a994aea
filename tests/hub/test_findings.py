"""Findings as people and programs see them."""

from __future__ import annotations

from hub.findings import Finding, Position, Severity, error, notice, rejects


def test_finding_says_what_where_and_by_which_code():
    found = error(
        "x12.element.code", "is no code", Position("a.edi", "1", "2", "0001", None, 5, "PO1", "PO1", name="PO103"),
        value="ZZ", list_id="723", list_code="7",
    )  # fmt: skip
    assert str(found) == (
        "error: a.edi, interchange 1, group 2, message 0001, segment 5 (PO1), loop PO1, PO103: is no code [ZZ] (723=7)"
    )


def test_what_a_partner_sent_cannot_write_to_the_terminal():
    text = str(error("x", "odd\nvalue", Position(interchange="\x1b[2J"), value="a\x07b\u202ec"))
    assert text.isprintable()
    assert text == r"error: interchange \x1b[2J: odd\nvalue [a\x07b\u202ec]"
    assert len(str(error("x", "y" * 100_000))) < 1_100


def test_place_is_filled_in_only_where_it_is_unknown():
    found = notice("x", "y", Position(segment=3)).at(segment=9, interchange="7")
    assert (found.position.segment, found.position.interchange) == (3, "7")
    assert found.at(segment=4) is found


def test_json_form_leaves_out_what_is_unknown():
    found = Finding(Severity.WARNING, "x", "y", Position(line=2, name="Menge"))
    position = {"line": 2, "name": "Menge"}
    assert found.as_dict() == {"severity": "warning", "code": "x", "message": "y", "position": position}


def test_only_errors_reject():
    assert rejects([notice("a", "b"), error("c", "d")])
    assert not rejects([notice("a", "b")])
