"""Every question and every check on every engine, its data in one graph and in two: the same rows in the same order."""

from __future__ import annotations

from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING

import pytest
from tests.query.engines import (
    HERE,
    SERVERS,
    Asking,
    Graphs,
    askings,
    cases,
    faults,
    in_graphs,
    in_process,
    outcome,
    shipped,
)
from tests.query.question_cases import CASES
from tests.servers import running

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from evgraph.store.protocol import Store

pytestmark = pytest.mark.slow

DATA = {"cases": cases, "faults": faults, "shipped": shipped}


@cache
def graphs(data: str, number: int) -> Graphs:
    return in_graphs(DATA[data](), number)


@cache
def asked() -> tuple[Asking, ...]:
    return tuple(askings(CASES))


@cache
def expected(data: str) -> dict[str, list[tuple[str, ...]]]:
    store = in_process("embedded", graphs(data, 1))
    return {words: outcome(store, question, values) for words, question, values in asked()}


def differences(store: Store, data: str, left_out: Collection[str] = ()) -> dict[str, object]:
    """Ask everything; give what is not as it should be."""
    found: dict[str, object] = {}
    for words, question, values in asked():
        if words not in left_out and (rows := outcome(store, question, values)) != expected(data)[words]:
            found[words] = {"rows": rows, "expected": expected(data)[words]}
    return found


def test_much_is_asked_and_answered() -> None:
    for data in DATA:
        answered = [words for words, rows in expected(data).items() if rows]
        assert len(answered) > 30
    questions = {question.name for _, question, _ in asked()}
    answered_somewhere = {words.split()[0] for data in DATA for words, rows in expected(data).items() if rows}
    # The faults lie together: what one case leaves unreciprocated another reciprocates.
    assert answered_somewhere == questions - {"unreciprocated-link"}


@pytest.mark.parametrize("number", [1, 2], ids=["one-graph", "two-graphs"])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("engine", HERE)
def test_engines_here(engine: str, data: str, number: int, tmp_path: Path) -> None:
    assert differences(in_process(engine, graphs(data, number), tmp_path), data) == {}


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
@pytest.mark.parametrize("data", DATA)
def test_rdflib(data: str) -> None:
    """Each question once, on the first data and with the first values that give rows: more would take minutes."""
    store = in_process("rdflib", graphs(data, 2))
    with_rows = {words.split()[0]: words for words, rows in sorted(expected(data).items(), reverse=True) if rows}
    for earlier in takewhile(data.__ne__, DATA):
        for words in [words for words, rows in expected(earlier).items() if rows]:
            with_rows.pop(words.split()[0], None)
    assert differences(store, data, left_out=expected(data).keys() - set(with_rows.values())) == {}


@pytest.mark.parametrize(
    ("engine", "data", "number"),
    [
        *(
            (engine, data, number)
            for engine in SERVERS
            if engine.startswith("oxigraph")
            for data in DATA
            for number in (1, 2)
        ),
        ("virtuoso", "cases", 1),
        ("virtuoso_raised", "shipped", 2),
    ],
)
def test_servers(engine: str, data: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each on a server of its own: by what it has held before, Virtuoso may run out of memory."""
    with running(engine, tmp_path) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        with server.holding(*graphs(data, number)) as store:
            assert differences(store, data) == {}


@pytest.mark.parametrize("engine", ["virtuoso"])
def test_a_server_that_has_held_other_data(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what Virtuoso knows of the data before, it plans otherwise; the rows must be the same."""
    with running(engine, tmp_path) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for data in ("faults", "shipped"):
            with server.holding(*graphs(data, 2)) as store:
                assert differences(store, data) == {}
