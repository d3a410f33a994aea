"""Values are put into the WSDL's shape, and what a type does not allow never leaves."""

from __future__ import annotations

from typing import Any

import pytest
import zeep.xsd
import zeep.xsd.types.builtins

from hub.errors import ConfigurationError, DocumentRejected
from hub_soap.request import nested, shaped
from hub_soap.settings import Fixes

xsd: Any = zeep.xsd  # typed in part only
types: Any = zeep.xsd.types.builtins

ITEM = xsd.ComplexType(
    xsd.Sequence(
        [
            xsd.Element("no", types.String()),
            xsd.Element("amount", types.Decimal(), min_occurs=0),
            xsd.Element("count", types.Int(), min_occurs=0),
            xsd.Element("ready", types.Boolean(), min_occurs=0),
            xsd.Element("day", types.Date(), min_occurs=0),
            xsd.Element("at", types.DateTime(), min_occurs=0),
            xsd.Element("rate", types.Double(), min_occurs=0),
            xsd.Element("tag", types.String(), min_occurs=0, max_occurs="unbounded"),
        ]
    )
)
KIND = xsd.ComplexType(
    xsd.Sequence(
        [
            xsd.Element("title", types.String()),
            xsd.Element("item", ITEM, min_occurs=0, max_occurs="unbounded"),
        ]
    )
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "1.50"),
        ("amount", "-0.1"),
        ("amount", " 7 "),
        ("count", "007"),
        ("ready", "true"),
        ("ready", "0"),
        ("day", "2026-01-31"),
        ("day", "2026-01-31+02:00"),
        ("at", "2026-01-31T12:00:00.5Z"),
        ("rate", "1e-3"),
        ("tag", "日本 €"),
        ("tag", "😀"),
    ],
)
def test_what_a_type_allows(name: str, value: str) -> None:
    out = shaped({"no": "1", name: value}, ITEM, Fixes())
    assert out[name] == ([value] if name == "tag" else value.strip())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "12,34"),
        ("amount", "1,234.50"),
        ("amount", "NaN"),
        ("amount", "1e5"),
        ("amount", ""),
        ("count", "7.0"),
        ("count", "x"),
        ("ready", "no"),
        ("ready", "Y"),
        ("day", "31.01.2026"),
        ("day", "20260131"),
        ("at", "2026-01-31 12:00:00"),
        ("rate", "INF?"),
        ("tag", "a\x07b"),
        ("tag", "\ud800"),
        ("no", "\x00"),
    ],
)
def test_what_a_type_does_not_allow(name: str, value: str) -> None:
    with pytest.raises(DocumentRejected) as refused:
        shaped({"title": "t", "item": [{"no": "1", name: value}]}, KIND, Fixes())
    (finding,) = refused.value.findings
    assert finding.position.name == f"item/{name}"


def test_one_becomes_a_list_where_the_wsdl_has_many() -> None:
    assert shaped({"title": "t", "item": {"no": "1"}}, KIND, Fixes()) == {"title": "t", "item": [{"no": "1"}]}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"titel": "t"}, "no member 'titel'"),
        ({"title": ["a", "b"]}, "occurs once"),
        ({"title": {"a": "b"}}, "single text"),
        ({"item": [{"nr": "1"}]}, "no member 'item/nr'"),
    ],
)
def test_a_mapping_that_does_not_fit_the_wsdl(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        shaped(values, KIND, Fixes())


def test_pruning_leaves_out_what_the_request_does_not_have() -> None:
    assert shaped({"title": "t", "total": "9"}, KIND, Fixes(), prune=True) == {"title": "t"}


def test_members_that_nusoap_demands_are_skipped() -> None:
    out = shaped({}, KIND, Fixes(skip_missing=True))
    assert out["title"] is xsd.SkipValue
    assert "item" not in out


def test_parameters_by_path() -> None:
    order = {"no": "1"}
    assert nested({"order/key": "k", "order": order, "auth/user/name": "u", "none": None}) == {
        "order": {"no": "1", "key": "k"},
        "auth": {"user": {"name": "u"}},
    }
    assert order == {"no": "1"}
