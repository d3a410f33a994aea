"""Workspaces and their settings: made, found, checked; errors with file, line and advice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from hub.located import read_toml, read_yaml
from hub.settings import read_settings, resolved
from hub.workspace import find, initialize, open_workspace


def fault(file: Path, text: str) -> ConfigurationError:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_settings(file)
    assert caught.value.file == str(file)
    return caught.value


def test_a_new_workspace_opens_with_its_defaults(tmp_path: Path) -> None:
    root = initialize(tmp_path / "ws", 'My "hub"')
    workspace = open_workspace(root)
    assert workspace.settings.name == "My hub"
    assert workspace.settings.environment == "production"
    assert workspace.database_url == f"sqlite:///{root}/hub.db"
    for folder in ("partners", "mappings", "endpoints", "inbox", "outbox"):
        assert (root / folder).is_dir()
    assert (root / "stores.toml").is_file()


def test_a_workspace_is_not_made_twice(tmp_path: Path) -> None:
    initialize(tmp_path)
    with pytest.raises(ConfigurationError, match="a workspace here already"):
        initialize(tmp_path)


def test_a_workspace_is_found_from_inside_by_environment_and_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = initialize(tmp_path / "ws")
    other = initialize(tmp_path / "other")
    monkeypatch.delenv("HUB_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert find() is None
    with pytest.raises(ConfigurationError, match="needs a workspace"):
        open_workspace()
    monkeypatch.chdir(root / "partners")
    assert find() == root
    monkeypatch.setenv("HUB_WORKSPACE", str(other))
    assert find() == other
    assert find(root) == root
    with pytest.raises(ConfigurationError, match="no workspace here"):
        find(tmp_path / "nothing")


def test_a_workspace_of_a_newer_version_is_refused_before_its_unknown_keys(tmp_path: Path) -> None:
    problem = fault(tmp_path / "hub.toml", 'name = "x"\nworkspace_version = 99\nquantum = true\n')
    assert problem.line == 2
    assert "version 99" in problem.message
    assert "newer hub" in problem.hint


@pytest.mark.parametrize(
    ("text", "line", "said", "advice"),
    [
        ("workspace_version = 1\nnmae = 'x'\n", 2, "unknown key 'nmae'", "Did you mean 'name'?"),
        ("workspace_version = 1\n[receive]\nchnk = 3\n", 3, "unknown key 'receive.chnk'", "Did you mean 'chunk'?"),
        ("workspace_version = 1\n\n[receive]\nkeep = 'perhaps'\n", 4, "'receive.keep'", ""),
        ("workspace_version = 1\nenvironment = 'prod'\n", 2, "must be one of production, test", "Did you mean"),
        ("workspace_version = 1\n[identities]\nx12 = ['ZZ:']\n", 3, "is no identity", ""),
        ("workspace_version = 1\n[deliver]\nfirst_retry = '5 parsecs'\n", 3, "is no duration", ""),
        ("name = 'x'\n", None, "'workspace_version' is missing", "workspace_version = 1"),
        ("workspace_version = 'one'\n", 1, "no version", ""),
        ("workspace_version = 1\nname = \n", 2, "not valid TOML", ""),
    ],
)
def test_wrong_settings_are_told_with_line_and_advice(
    tmp_path: Path, text: str, line: int | None, said: str, advice: str
) -> None:
    problem = fault(tmp_path / "hub.toml", text)
    assert problem.line == line
    assert said in problem.message
    assert advice in problem.hint


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    problem = fault(tmp_path / "hub.toml", "workspace_version = 1\nnmae = 'x'\n[receive]\nchunk = 0\n")
    assert problem.line == 2
    assert "also line 4: 'receive.chunk'" in problem.hint


def test_durations_have_a_unit(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text('workspace_version = 1\n[deliver]\nfirst_retry = "90s"\nlongest_retry = "2d"\n')
    settings, _ = read_settings(file)
    assert (settings.deliver.first_retry, settings.deliver.longest_retry) == (timedelta(seconds=90), timedelta(days=2))


def test_secrets_are_references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_TEST_SECRET", "s3cret")
    (tmp_path / "password").write_text("hunter2\n")
    (tmp_path / "empty").write_text("\n")
    assert resolved("env:HUB_TEST_SECRET", tmp_path) == "s3cret"
    assert resolved("file:password", tmp_path) == "hunter2"
    assert resolved("sqlite:///x.db", tmp_path) == "sqlite:///x.db"
    for reference, said in (("env:HUB_NOT_SET", "is not set"), ("file:none", "no such"), ("file:empty", "is empty")):
        with pytest.raises(ConfigurationError, match=said) as caught:
            resolved(reference, tmp_path, file="hub.toml", line=5)
        assert (caught.value.file, caught.value.line) == ("hub.toml", 5)


def test_yaml_scalars_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("id: 0012\ncountry: NO\nversion: 1.10\nnothing:\nempty: ''\n")
    assert read_yaml(file).data == {"id": "0012", "country": "NO", "version": "1.10", "nothing": None, "empty": ""}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: [1, 2\n", 3, "not valid YAML"),
        ("a: 1\na: 2\n", 2, "a second time"),
        ("- a\n", 1, "'key: value'"),
        ("? [a]\n: b\n", 1, "a key must be a single word"),
        ("\ta: 1\n", 1, "not valid YAML"),
        (
            "a: &x [1]\nb: &y [*x, *x, *x, *x, *x, *x, *x, *x, *x]\n"
            + "".join(f"c{n}: &z{n} [{', '.join(['*' + ('y' if n == 0 else f'z{n - 1}')] * 9)}]\n" for n in range(6)),
            None,
            "holds too much",
        ),
        ("a: " + "[" * 60 + "]" * 60 + "\n", 1, "nested too deeply"),
    ],
)
def test_wrong_yaml_is_told_with_its_line(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_yaml(file)
    assert caught.value.line == (line or caught.value.line)


def test_a_file_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ConfigurationError, match="not UTF-8") as caught:
        read_yaml(file)
    assert caught.value.line == 2
    file.write_bytes(b"#" * 3_000_000)
    with pytest.raises(ConfigurationError, match="larger than"):
        read_toml(file)


def test_every_limit_of_the_translators_can_be_set() -> None:
    from hub.settings import Bounds, limits_of
    from hub.translation import Limits

    assert limits_of(Bounds()) == Limits()
