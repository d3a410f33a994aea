"""Discovery, isolation, refusal and asking of plugins, through real ``.dist-info`` folders on a temporary path."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from hub import hookspecs
from hub.errors import DocumentRejected, PluginError
from hub.findings import Severity
from hub.plugins import HOOKS, LOADED, UNAVAILABLE, Plugins

TRANSLATOR = """
class T:
    name = {name!r}
    generic = {generic}
    def identify(self, head, filename): {identify}
    def read(self, stream, context): return iter(())
    def write(self, documents, message, version, context): ...
    def acknowledge(self, closed, context): return None
    def refuse(self, envelope, reason, context): return None
"""

Install = Callable[..., None]


def translator(name: str, identify: str = "return head.startswith(b'X')", generic: bool = False) -> str:
    body = TRANSLATOR.format(name=name, identify=identify, generic=generic)
    return body + "\n@hookimpl\ndef hub_register_translators(): return [T()]\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """A function that writes a distribution with one plugin into a path that Python searches."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def write(name: str, source: str, *, module: str = "", distribution: str = "", requires: str = "") -> None:
        module = module or f"plugin_{name}"
        distribution = distribution or f"dist-{name}"
        header = "from hub.hookspecs import hookimpl\nfrom hub.findings import error, warning\n"
        (tmp_path / f"{module}.py").write_text(header + textwrap.dedent(source))
        info = tmp_path / f"{distribution.replace('-', '_')}-1.2.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n{requires}")
        (info / "entry_points.txt").write_text(f"[hub]\n{name} = {module}\n")

    yield write
    for module in set(sys.modules) - before:
        if module.startswith("plugin_"):
            del sys.modules[module]


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Plugins]:
    """Plugins of the temporary path only."""

    def make(**options: Any) -> Plugins:
        points = [
            point
            for distribution in metadata.distributions(path=[str(tmp_path)])
            for point in distribution.entry_points
            if point.group == "hub"
        ]
        return Plugins(points, **options)

    return make


def test_plugin_is_found_by_entry_point_alone(install: Install) -> None:
    install("zz_acme", translator("zz-acme"))
    plugins = Plugins()
    (status,) = [one for one in plugins.status() if one.name == "zz_acme"]
    assert (status.state, status.distribution, status.version) == (LOADED, "dist-zz_acme", "1.2")
    assert (status.hooks, status.translators) == (("hub_register_translators",), ("zz-acme",))
    assert plugins.translators["zz-acme"].name == "zz-acme"


def test_status_is_sorted_and_plain(install: Install, load: Callable[..., Plugins]) -> None:
    install("b", translator("b"))
    install("a", "@hookimpl\ndef hub_validate(document, partner): return []")
    install("c", "x = 1")
    status = load().status()
    assert [one.name for one in status] == ["a", "b", "c"]
    assert status[0].as_dict() == {
        "name": "a", "module": "plugin_a", "distribution": "dist-a", "version": "1.2", "state": "loaded",
        "hooks": ["hub_validate"],
    }  # fmt: skip
    assert status[2].reason == "implements no hook of the hub"


def test_broken_import_leaves_the_others_working(install: Install, load: Callable[..., Plugins]) -> None:
    install("bad", "raise RuntimeError('boom')")
    install("good", translator("good"))
    plugins = load()
    assert list(plugins.translators) == ["good"]
    bad = plugins.status()[0]
    assert bad.state == UNAVAILABLE
    assert bad.reason == "import of plugin_bad failed: RuntimeError: boom"
    with pytest.raises(PluginError, match=r"plugin bad \(plugin_bad, from dist-bad 1.2\) cannot be used"):
        load(strict=True)


def test_missing_extra_gives_the_command(install: Install, load: Callable[..., Plugins]) -> None:
    install("lazy", "HUB_REQUIRES = {'no_such_lib': 'soap', 'no_other.lib': 'xml', 'json': 'never'}")
    install("eager", "import no_such_lib", requires="Requires-Dist: no-such-lib >=2; extra == 'fast'\n")
    install("unknown", "import no_third_lib.part")
    install("lost", "", module="plugin_lost")
    eager, lazy, _, unknown = load().status()
    assert (lazy.reason, lazy.hint) == (
        "no_such_lib, no_other.lib is not installed", "pip install 'dist-lazy[soap,xml]'",
    )  # fmt: skip
    assert (eager.reason, eager.hint) == ("module 'no_such_lib' is not installed", "pip install 'dist-eager[fast]'")
    assert unknown.hint == "pip install 'no_third_lib'"


def test_lost_module_says_reinstall(install: Install, load: Callable[..., Plugins], tmp_path: Path) -> None:
    install("lost", "")
    (tmp_path / "plugin_lost.py").unlink()
    (status,) = load().status()
    assert status.hint == "Reinstall it: pip install --force-reinstall --no-deps 'dist-lost'"


def test_two_plugins_of_one_name_are_refused(install: Install, load: Callable[..., Plugins]) -> None:
    install("same", "x = 1", module="plugin_one", distribution="dist-one")
    install("same", "x = 1", module="plugin_two", distribution="dist-two")
    with pytest.raises(PluginError, match=r"two plugins are called 'same'.*dist-one 1.2.*dist-two 1.2"):
        load()


def test_one_module_in_two_distributions_is_one_plugin(install: Install, load: Callable[..., Plugins]) -> None:
    install("same", translator("t"), module="plugin_one", distribution="dist-one")
    install("same", translator("t"), module="plugin_one", distribution="dist-two")
    assert [one.distribution for one in load().status()] == ["dist-one"]


def test_two_translators_of_one_name_are_refused(install: Install, load: Callable[..., Plugins]) -> None:
    install("one", translator("x"))
    install("two", translator("x"))
    with pytest.raises(PluginError, match=r"two plugins offer a translator called 'x': one .*dist-one.* and two "):
        load()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("@hookimpl\ndef hub_register_translator(): return []", "Did you mean hub_register_translators?"),
        ("@hookimpl\ndef hub_qqq(): return []", "The hooks are: hub_exchange_finished"),
        ("@hookimpl\ndef hub_validate(document, sender): return []", "does not fit the hooks.*sender"),
        ("def hub_validate(document, partner): return []", "is not marked as a hook"),
        ("@hookimpl(wrapper=True)\ndef hub_validate(document): return (yield)", "does not call wrappers"),
    ],
)
def test_hook_that_does_not_fit_is_refused(
    install: Install, load: Callable[..., Plugins], source: str, message: str
) -> None:
    install("wrong", source)
    with pytest.raises(PluginError, match=f"(?s)plugin wrong .*{message}"):
        load()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("@hookimpl\ndef hub_register_translators(): return 1/0", "hub_register_translators failed: ZeroDivisionError"),
        ("@hookimpl\ndef hub_register_translators(): return 7", "returned int, not a list"),
        ("@hookimpl\ndef hub_register_translators(): return [object()]", "object has no usable name"),
        (translator("n").replace("def refuse", "def refuze"), "'n' has no method refuse"),
        (translator("n").replace("[T()]", "[T(), T()]"), "returned two called 'n'"),
        (translator("Bad Name"), "T has no usable name"),
        ("@hookimpl\ndef hub_register_mappings(): return ['x']", "did not return a list of pathlib.Path"),
        ("import pathlib\n@hookimpl\ndef hub_register_mappings(): return [pathlib.Path('/no')]", "/no is not a folder"),
        ("@hookimpl\ndef hub_register_grammars(): return {}", "returned dict, not a function"),
        ("HUB_REQUIRES = ['zeep']", "HUB_REQUIRES is no mapping"),
    ],
)
def test_wrong_answer_makes_the_plugin_unavailable(
    install: Install, load: Callable[..., Plugins], source: str, reason: str
) -> None:
    install("wrong", source)
    plugins = load()
    (status,) = plugins.status()
    assert status.state == UNAVAILABLE
    assert reason in status.reason
    assert not plugins.translators


def test_grammars_are_asked_once_and_never_twice_offered(install: Install, load: Callable[..., Plugins]) -> None:
    source = """
    asked = []
    def loader(name):
        asked.append(name)
        if name == "crash": raise KeyError(name)
        return "grammar" if name in ("mine", "{0}") else None
    @hookimpl
    def hub_register_grammars(): return loader
    """
    install("one", source.format("both"))
    install("two", source.format("both").replace('"mine"', '"other"'))
    plugins = load()
    found: list[object] = [plugins.grammar(name) for name in ("mine", "mine", "none")]
    assert found == ["grammar", "grammar", None]
    assert sys.modules["plugin_one"].asked == ["mine", "none"]
    with pytest.raises(PluginError, match="'both' is offered by the plugins one, two"):
        plugins.grammar("both")
    with pytest.raises(PluginError, match="plugin 'one' failed in grammar loader: KeyError"):
        plugins.grammar("crash")


def test_other_offers_are_collected(install: Install, load: Callable[..., Plugins], tmp_path: Path) -> None:
    install(
        "all",
        f"""
    from pathlib import Path
    from types import SimpleNamespace as S
    @hookimpl
    def hub_register_connectors(): return [S(type="ftp", open=len)]
    @hookimpl
    def hub_register_replicas(): return (S(kind="memory", open=len),)
    @hookimpl
    def hub_register_converters(): return [S(name="all.twice")]
    @hookimpl
    def hub_register_mappings(): return [Path({str(tmp_path)!r})]
    """,
    )
    plugins = load()
    assert (list(plugins.connector_types), list(plugins.replica_types), list(plugins.converters)) == (
        ["ftp"], ["memory"], ["all.twice"],
    )  # fmt: skip
    assert plugins.mapping_folders == [tmp_path]


def test_identify_takes_exactly_one_answer(install: Install, load: Callable[..., Plugins]) -> None:
    install("one", translator("one"))
    install("two", translator("two", "return b'Y' in head"))
    install("any", translator("any", "return True", generic=True))
    plugins = load()
    assert plugins.identify(b"X", "f").name == "one"
    assert plugins.identify(b"?", "f").name == "any"
    with pytest.raises(DocumentRejected, match="f is claimed by the translators one, two") as caught:
        plugins.identify(b"XY", "f")
    assert caught.value.findings[0].code == "payload.ambiguous"


def test_identify_without_an_answer_says_what_was_seen(install: Install, load: Callable[..., Plugins]) -> None:
    install("one", translator("one"))
    install("two", translator("two", "raise ValueError('bug')"))
    plugins = load()
    assert plugins.identify(b"X", "f").name == "one"
    with pytest.raises(DocumentRejected) as caught:
        plugins.identify(b"\x00\xff\nPK", "f.bin")
    (finding,) = caught.value.findings
    assert str(caught.value) == (
        "f.bin: no translator knows this format; asked: one, two; two failed with ValueError: bug"
    )
    assert (finding.code, finding.value, finding.position.file) == (
        "payload.unidentified", "\x00\\xff\\nPK", "f.bin",
    )  # fmt: skip
    with pytest.raises(DocumentRejected, match="the payload is empty"):
        plugins.identify(b"\n", "f")


def test_validation_asks_everybody_and_fails_closed(install: Install, load: Callable[..., Plugins]) -> None:
    install("b", "@hookimpl\ndef hub_validate(document, partner): return [error('b', f'{document} {partner}')]")
    install("a", "@hookimpl\ndef hub_validate(document): return [warning('a', document)]")
    assert [(one.code, one.message) for one in load().validate("doc", "acme")] == [("a", "doc"), ("b", "doc acme")]  # type: ignore[arg-type]
    install("c", "@hookimpl\ndef hub_validate(document): raise KeyError('k')")
    with pytest.raises(PluginError, match="plugin 'c' failed in hub_validate: KeyError: 'k'"):
        load().validate("doc", "acme")  # type: ignore[arg-type]
    install("c", "", module="plugin_c2")
    install("d", "@hookimpl\ndef hub_validate(document): return ['text']")
    with pytest.raises(PluginError, match="plugin 'd': hub_validate returned str, not Finding"):
        load().validate("doc", "acme")  # type: ignore[arg-type]


def test_finished_exchange_is_told_to_all(install: Install, load: Callable[..., Plugins]) -> None:
    install("a", "@hookimpl\ndef hub_exchange_finished(exchange): exchange.clear(); raise OSError('disk')")
    install("b", "seen = []\n@hookimpl\ndef hub_exchange_finished(exchange): seen.append(exchange)")
    (finding,) = load().exchange_finished({"id": "1"})
    assert finding.severity is Severity.WARNING
    assert "plugin 'a' failed in hub_exchange_finished: OSError: disk" in finding.message
    assert sys.modules["plugin_b"].seen == [{"id": "1"}]


def test_hook_calls_are_traced(
    install: Install,
    load: Callable[..., Plugins],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HUB_TRACE_HOOKS", "1")
    install("one", translator("one") + "\n@hookimpl\ndef hub_validate(document, partner): return []\n")
    plugins = load()
    plugins.identify(b"X", "f.x")
    plugins.validate("d" * 200, "acme")  # type: ignore[arg-type]
    err = capsys.readouterr().err
    assert "hook one: hub_register_translators() ->" in err
    assert "hook one: identify('f.x') -> True" in err
    assert "...', 'acme') -> []" in err or "..., 'acme') -> []" in err


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_and_used(name: str) -> None:
    assert getattr(hookspecs, name).__doc__
    root = Path(hookspecs.__file__).parent.parent
    assert f"`{name}" in (root / "plugins" / "README.md").read_text(), f"plugins/README.md has no line on {name}"


def test_importing_loads_no_plugin_and_nothing_heavy() -> None:
    code = (
        "import sys, hub.plugins; "
        "print([m for m in sys.modules if m.startswith(('hub_', 'zeep', 'pyx12', 'lxml', 'pydantic', 'sqlalchemy'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
