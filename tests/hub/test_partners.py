"""Partner files: read, checked, found by envelope; every mistake told with file, line and advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.exchange.context import options_for, typed
from hub.exchange.session import Hub
from hub.partners import Partners, read_partners
from hub.plugins import Plugins
from hub.translation import EnvelopeParty
from hub.workspace import initialize

WHOLE = """\
title: Fresh Grocers Inc.
identities:
  x12: ["01:123456789", ZZ:GROCER]
  edifact: 14:4012345000009
our_identities: {x12: ZZ:US}
test: refuse
duplicates: {same_content: process, window: 365d}
all_or_nothing: yes
acknowledgments:
  x12: {type: "999", when: always, ta1: requested}
  edifact: {type: CONTRL, when: on_request}
due: 36h
defaults: {currency: USD, seller: {name: Us}}
translator:
  x12: {segment_terminator: "~", line_breaks: true}
deviations: {x12: {segment_count: accept, wrapped: refuse}}
limits: {segment_bytes: 5000}
delivery: {folder: outbox/groceries}
documents:
  - direction: in
    standard: x12
    message: "850"
    version: "004010"
    response: {rule: stock_and_price, price_tolerance: 2.5%, partial: no}
  - {direction: in, standard: x12, message: "850", response: accept_all}
  - {direction: in, standard: x12, mapping: x12/850.005010, version: "005010"}
  - {direction: out, standard: x12, message: "855", version: "004010", due: 2h}
  - {direction: in, standard: csv, mapping: csv/marketplace-orders, files: "Orders*.csv"}
"""


def partners(folder: Path, **files: str) -> Partners:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return read_partners(folder)


def fault(folder: Path, **files: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        partners(folder, **files)
    return caught.value


def test_a_whole_partner_file_is_read(tmp_path: Path) -> None:
    found = partners(tmp_path, grocer=WHOLE)
    grocer = found.named("grocer")
    assert grocer.identity("x12") == EnvelopeParty("123456789", "01")
    assert grocer.file.all_or_nothing
    assert grocer.file.documents[0].response.price_tolerance == 2.5
    assert not grocer.file.documents[0].response.partial
    assert found.find("x12", EnvelopeParty("GROCER", "ZZ")) is grocer
    assert found.find("edifact", EnvelopeParty("4012345000009", "14")) is grocer
    assert found.find("x12", EnvelopeParty("GROCER", "01")) is None
    assert found.find("edifact", EnvelopeParty("GROCER", "ZZ")) is None


def test_the_agreement_that_says_most_wins(tmp_path: Path) -> None:
    grocer = partners(tmp_path, grocer=WHOLE).named("grocer")

    def index(*asked: str) -> int | None:
        found = grocer.agreement("in", *asked)
        return None if found is None else found[0]

    assert index("x12", "850", "004010VICS") == 0
    assert index("x12", "850", "003060") == 1
    assert index("x12", "850", "005010") == 2
    assert index("x12", "860", "004010") is None
    assert index("csv", "marketplace-orders", "", "in/ORDERS-1.CSV") == 4
    assert index("csv", "marketplace-orders", "", "prices.csv") is None
    assert index("csv", "marketplace-orders") == 4


def test_options_of_the_agreement_reach_the_translator(tmp_path: Path) -> None:
    grocer = partners(tmp_path, grocer=WHOLE).named("grocer")
    options = options_for(grocer, "x12")
    assert options["acknowledgment"] == "999"
    assert options["ta1"] == "requested"
    assert options["line_breaks"] is True
    assert options["deviations"] == {"segment_count": "accept", "wrapped": "refuse"}
    assert options_for(grocer, "edifact", requested=False)["acknowledgment"] == "none"
    assert options_for(grocer, "edifact", requested=True)["acknowledgment"] == "CONTRL"
    assert options_for(None, "x12") == {}


def test_options_are_typed_only_where_nothing_is_lost() -> None:
    assert typed({"a": "true", "b": "12", "c": "0012", "d": ["false", "1.5"], "e": "NO"}) == {
        "a": True, "b": 12, "c": "0012", "d": [False, "1.5"], "e": "NO",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "said", "advice"),
    [
        ("title: x\nidentites: {x12: ZZ:A}\n", 2, "unknown key 'identites'", "Did you mean 'identities'?"),
        ("documents:\n  - {direction: inn, standard: x12}\n", 2, "must be one of in, out, not 'inn'", "mean 'in'?"),
        ("documents:\n  - direction: in\n    standrad: x12\n", 2, "'documents[0].standard' is missing", "unknown key"),
        ("documents:\n  - direction: in\n    standard: x12\n    respons: none\n", 4, "unknown key", "'response'"),
        ("identities: {x12: [ZZ:A, ':']}\n", 1, "is no identity", ""),
        ("limits: {segment_byte: 3}\n", 1, "unknown limit", "Did you mean 'segment_bytes'?"),
        ("due: soon\n", 1, "is no duration", ""),
        ("test: perhaps\n", 1, "must be one of", ""),
        ("delivery: {folder: ../../etc}\n", 1, "outside the workspace", ""),
        ("title: [\n", 2, "not valid YAML", ""),
        ("all_or_nothing: maybe\n", 1, "'all_or_nothing'", ""),
    ],
)
def test_a_wrong_partner_file_is_told_with_line_and_advice(
    tmp_path: Path, text: str, line: int, said: str, advice: str
) -> None:
    problem = fault(tmp_path, acme=text)
    assert problem.file == str(tmp_path / "acme.yaml")
    assert problem.line == line
    assert said in problem.message
    assert advice in problem.hint


def test_two_partners_with_one_identity_are_refused_naming_both_files(tmp_path: Path) -> None:
    problem = fault(tmp_path, acme="identities: {x12: ZZ:A}\n", beta="title: B\nidentities:\n  x12:\n    - ZZ:A\n")
    assert problem.file == str(tmp_path / "beta.yaml")
    assert problem.line == 4
    assert f"{tmp_path / 'acme.yaml'}:1" in problem.message


def test_files_that_somebody_may_have_meant_as_partners_are_refused(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("not a partner")
    assert read_partners(tmp_path).by_name == {}
    (tmp_path / "acme.toml").write_text("")
    with pytest.raises(ConfigurationError, match="must be YAML"):
        read_partners(tmp_path)
    (tmp_path / "acme.toml").rename(tmp_path / "Acme Foods.yaml")
    with pytest.raises(ConfigurationError, match="cannot be a partner's name"):
        read_partners(tmp_path)


def test_two_files_of_one_partner_are_refused(tmp_path: Path) -> None:
    (tmp_path / "acme.yml").write_text("")
    assert "two files for the partner 'acme'" in fault(tmp_path, acme="").message


def test_an_unreadable_partner_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").symlink_to(tmp_path / "nowhere.yaml")
    assert "there is no such file" in fault(tmp_path).message


def test_a_partner_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'grocer'"):
        partners(tmp_path, grocer="").named("grcoer")


@pytest.mark.parametrize(
    ("text", "line", "said", "advice"),
    [
        ("identities: {x21: ZZ:A}\n", 1, "no installed plugin translates 'x21'", "Did you mean 'x12'?"),
        ("documents:\n  - {direction: in, standard: x12, mapping: x12/850.04010}\n", 2, "no mapping", "x12/850.004010"),
        ("documents:\n  - {direction: in, standard: csv, mapping: x12/850.004010}\n", 2, "is not for csv", ""),
        ("documents:\n  - {direction: in, standard: x12, overlay: none.yaml}\n", 2, "no overlay file", ""),
        ("documents:\n  - {direction: in, standard: x12, overlay: ../x.yaml}\n", 2, "is outside", ""),
        ("defaults:\n  currncy: USD\n", 2, "unknown default 'currncy'", "Did you mean 'currency'?"),
        ("defaults:\n  seller: Us\n", 2, "'seller' is no party", ""),
        ("defaults:\n  seller: {nmae: Us}\n", 2, "'seller' is no party", ""),
    ],
)
def test_what_a_partner_file_names_must_exist(tmp_path: Path, text: str, line: int, said: str, advice: str) -> None:
    root = initialize(tmp_path / "ws")
    (root / "partners" / "acme.yaml").write_text(text)
    with Hub.open(root, plugins=Plugins()) as hub, pytest.raises(ConfigurationError) as caught:
        _ = hub.partners
    assert caught.value.line == line
    assert said in caught.value.message
    assert advice in caught.value.hint
