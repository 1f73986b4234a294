"""How the two faces word errors: one table of cases, asked through the command and through Python."""

from __future__ import annotations

import ast
import re
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
from docs.structure import MODULES, room

import evgraph
from evgraph.cli.hints import HINTS as CLI_HINTS
from evgraph.cli.hints import worded
from evgraph.errors import EvgraphError, Hint, LimitReachedError
from evgraph.python.hints import HINTS as PYTHON_HINTS
from evgraph.python.hints import in_python

if TYPE_CHECKING:
    from tests.conftest import Run

# What names an option, a parameter or a command of the command line.
OF_THE_COMMAND = re.compile(r"(?<![\w-])--[a-z]|(?<!\w)-p \w|\bevgraph (?:query|validate|ingest|load|diff|reconcile)\b")
GIT = "evgraph.rdf.revision"  # Its options are git's.


@pytest.mark.parametrize("hint", Hint, ids=str)
def test_each_face_words_each_hint_in_its_own_way(hint: Hint) -> None:
    error = EvgraphError(
        "wrong", hint=hint, path="p.ttl", parameter="cell", value="E4", expected=("a", "b"), question="q", example="x"
    )
    fields = {name for wording in (CLI_HINTS[hint], PYTHON_HINTS[hint]) for _, name, _, _ in Formatter().parse(wording)}
    assert fields - {None, "choices"} <= vars(error).keys()
    command = worded(error)
    with pytest.raises(EvgraphError) as raised, in_python():
        raise error
    python = str(raised.value)
    assert "None" not in command + python
    assert not OF_THE_COMMAND.search(python)
    assert command.startswith("p.ttl: -p cell=E4: wrong\n  ")
    assert python.startswith("p.ttl: cell='E4': wrong\n  ")


@pytest.mark.parametrize(
    ("words", "keywords", "command", "python"),
    [
        (
            ["cell-contents"],
            {},
            "cell-contents needs the parameter 'cell': {}\n  evgraph query cell-contents -p cell=drug:E4",
            'cell-contents needs the parameter \'cell\': {}\n  graph.query("cell-contents", cell="drug:E4")',
        ),
        (
            ["cell-contents", "-p", "cell=E4"],
            {"cell": "E4"},
            "-p cell=E4: a cell of both matrices, and this question is about one\n"
            "  -p cell=drug:E4 or -p cell=alcohol:E4",
            "cell='E4': a cell of both matrices, and this question is about one\n"
            '  cell="drug:E4" or cell="alcohol:E4"',
        ),
        (
            ["cel-contents"],
            {},
            "there is no question 'cel-contents'; did you mean 'cell-contents'?\n  'evgraph query' lists the questions",
            "there is no question 'cel-contents'; did you mean 'cell-contents'?\n  graph.questions lists them",
        ),
    ],
    ids=["missing", "ambiguous", "misspelt"],
)
def test_the_same_mistake_is_worded_for_each_face(
    run: Run, words: list[str], keywords: dict[str, Any], command: str, python: str
) -> None:
    ran = run("query", *words)
    assert ran.code == 2
    with pytest.raises(evgraph.UsageError) as raised:
        evgraph.open().query(words[0], **keywords)
    for message, expected in ((ran.stderr.removeprefix("evgraph: ").strip(), command), (str(raised.value), python)):
        start, _, end = expected.partition("{}")
        assert message.startswith(start)
        assert message.endswith(end)
    assert raised.value.question in {None, "cell-contents"}


def test_errors_carry_data() -> None:
    graph = evgraph.open()
    with pytest.raises(evgraph.UsageError) as raised:
        graph.query("cell-contents", cel="drug:E4")
    assert (raised.value.value, raised.value.nearest, raised.value.expected[0]) == ("cel", "cell", "cell")
    with pytest.raises(evgraph.UsageError) as raised:
        graph.query("cell-contents", cell="Q9")
    assert (raised.value.parameter, raised.value.value) == ("cell", "Q9")
    with pytest.raises(LimitReachedError) as limited:
        list(graph.query("guidance-citing-trials", timeout=0.001))
    assert limited.value.hint == PYTHON_HINTS[Hint.ALLOW_MORE_TIME]


def texts(module: str) -> list[str]:
    """Give the strings of a module that are no docstrings."""
    tree = ast.parse(MODULES[module].read_bytes())
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone
    ]


@pytest.mark.slow
def test_below_the_faces_no_message_names_an_option_or_a_command() -> None:
    below = [module for module in MODULES if room(module) not in {"cli", "python"} and module != GIT]
    assert [(module, text) for module in below for text in texts(module) if OF_THE_COMMAND.search(text)] == []
