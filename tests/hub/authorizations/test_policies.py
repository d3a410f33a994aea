"""``authorizations.toml``: the shipped one, and a workspace's laid over it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from hub.authorizations.policies import OPERATIONS, TAKES, load_policies, shipped
from hub.errors import ConfigurationError


def test_every_operation_is_decided_somehow() -> None:
    policies = shipped()
    assert set(policies.operations) == set(OPERATIONS)
    assert {name: rule.resource for name, rule in policies.operations.items() if rule.resource} == TAKES
    for mode, ask in {"autonomous": "never", "distributed": "beyond", "centralized": "always"}.items():
        told = policies.settings(mode)["authorization"]["operations"]
        assert told["credit_sale"]["ask"] == told["points_redeem"]["ask"] == ask
        assert told["price_override"]["offline"] == {"percent": "100"}


def test_a_workspace_says_what_is_different(tmp_path: Path) -> None:
    assert load_policies(tmp_path) is shipped()
    (tmp_path / "authorizations.toml").write_text(
        "share = 0.1\n[operations.price_override]\nask = { autonomous = 'beyond' }\noffline = { percent = 12.5 }\n"
    )
    policies = load_policies(tmp_path)
    assert policies.share == Decimal("0.1")
    told = policies.settings("autonomous")["authorization"]["operations"]
    assert told["price_override"]["ask"] == "beyond"
    assert told["price_override"]["offline"] == {"percent": "12.5"}
    assert told["price_override"]["record_percent"] == "10"
    assert told["credit_sale"] == shipped().settings("autonomous")["authorization"]["operations"]["credit_sale"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("enabld = false", "unknown key 'enabld'"),
        ("share = 1.5", "share"),
        ("[operations.fly]\nask = { autonomous = 'never' }", "fly"),
        ("[operations.credit_sale]\nask = { autonomous = 'sometimes' }", "sometimes"),
        ("[operations.credit_sale]\noffline = { amount = -1 }", "amount"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "authorizations.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_policies(tmp_path)
    assert caught.value.file is not None
