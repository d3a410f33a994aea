"""Every mapping file in the repository: it compiles both ways, and what it writes it reads back unchanged."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from hub.errors import ConfigurationError
from hub.grammar.structure import Fault
from hub.mapping.compiled import CompiledMapping
from hub.mapping.library import MappingLibrary
from hub.plugins import Plugins
from hub.testing.mapping import content, messages


def _library() -> MappingLibrary:
    plugins = Plugins()
    return MappingLibrary(plugins.mapping_folders, grammar_of=plugins.grammar, converters=plugins.converters.values())


LIBRARY = _library()


def _read_back(compiled: CompiledMapping, native):
    if compiled.shape == "segments":
        walk = compiled.structure.walk(segment[0] for segment in native)
        misplaced = [one for one in walk.faults if one.fault is not Fault.MISSING]
        assert not misplaced, f"what was written is not in the grammar's order: {misplaced}"
        return compiled.read(native, walk.places)
    if compiled.shape == "records":
        return compiled.read(native, list(range(2, 2 + len(native))))
    return compiled.read(native)


EVERY = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in LIBRARY.names()]
"""A mapping is compiled once where both of its tests run on one worker."""


def test_there_are_mappings():
    assert len(LIBRARY.names()) >= 100


@pytest.mark.parametrize("name", EVERY)
def test_mapping_compiles_both_ways(name):
    try:
        LIBRARY.compiled(name).prepare()
    except ConfigurationError as fault:
        pytest.fail(str(fault))


@pytest.mark.parametrize("name", EVERY)
def test_what_is_written_is_read_back(name):
    compiled = LIBRARY.compiled(name)
    examples = 3 if LIBRARY.release(name) else 25  # another release of a file that was tried already
    full, whole = [], []

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(messages(compiled))
    def check(documents):
        findings = []
        again = []
        native = compiled.messages(documents, findings)
        # a form puts several lists of its documents into one of the message: there may be too little room for all
        crowded = compiled.plan.form is not None and findings and all(one.code == "mapping.no_room" for one in findings)
        assert crowded or not findings, findings
        for message in native:
            reading = _read_back(compiled, message)
            assert reading.documents, reading.findings
            again += reading.documents
        (full if crowded else whole).append(documents)
        if not crowded:
            assert [content(one) for one in again] == [content(one) for one in documents], native

    check()
    assert len(full) <= 2 * len(whole), "most documents have no room in the message: nothing is told by that"
