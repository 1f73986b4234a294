"""What the command says about an error: the option or the command that helps."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from evgraph.errors import EvgraphError, Hint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HINTS = {
    Hint.ALLOW_LEAST_MEMORY: "give --max-memory at least {example}, or leave it out",
    Hint.ALLOW_MORE_MEMORY: "allow more with --max-memory, or ask for less",
    Hint.ALLOW_MORE_TIME: "allow more with --timeout, or ask for less",
    Hint.ASK_SEARCH_QUESTION: "ask the question 'search': evgraph query search -p text=WORDS",
    Hint.BUILD_STORE: "build it: evgraph load PATH --store {path}",
    Hint.CHOOSE_CELL: "{choices}",
    Hint.EXPORT_AND_NAME_FILE: "leave --engine out, or export the data and name the file",
    Hint.GIVE_PARAMETER: "evgraph query {question} -p {parameter}={example}",
    Hint.LEAVE_OUT_CELL: "leave --cell out for this page",
    Hint.LEAVE_OUT_MEMORY_LIMIT: "leave --max-memory out",
    Hint.LEAVE_OUT_STORE: "leave --store out to read RDF files",
    Hint.LIST_QUESTIONS: "'evgraph query' lists the questions",
    Hint.LIST_RULES: "'evgraph validate --list-rules' lists them",
    Hint.LIST_VALUES: "'evgraph query {question} --values {parameter}' lists the values",
    Hint.NAME_CELL: "name it: --cell drug:E4 or --cell alcohol:E4",
    Hint.NAME_FILES: "name the files or folders to fix",
    Hint.NAME_GRAPH_STORE: "give them IRIs, or name the server's graph store with --graph-store URL",
    Hint.NAME_UPDATE_ADDRESS: "name it with --update URL",
    Hint.NAME_VERSION: "name an earlier export (evgraph export -o before.ttl), a folder of data, a store on disk, or"
    " git:REVISION:PATH",
    Hint.NAME_WRITE_ADDRESS: "name the server's graph store (--graph-store URL) or its address for updates (--update"
    " URL)",
    Hint.OPEN_FOLDER_OF_QUESTIONS: "name a file in it; --queries makes questions of its files",
    Hint.USE_FILES: "name the files with --data",
}
"""What to do, with an error's fields in braces."""


def worded(error: EvgraphError) -> str:
    """Write an error for the terminal: ``FILE:LINE: -p NAME=VALUE: message`` and, on a line of its own, the hint."""
    option = ""
    if error.parameter and error.value is not None:
        is_option = error.parameter.startswith("--") or error.parameter.isupper()
        option = f"{error.parameter} {error.value}: " if is_option else f"-p {error.parameter}={error.value}: "
    hint = error.advice(HINTS, "-p {parameter}={value}")
    advice = f"\n  {hint}" if hint else ""
    return f"{error.place}{error.place and ': '}{option}{error.message}{advice}"


@contextmanager
def options_named(options: Mapping[str, str]) -> Iterator[None]:
    """Give the errors raised inside the option in the place of an argument of evgraph's functions."""
    try:
        yield
    except EvgraphError as error:
        error.parameter = options.get(error.parameter or "", error.parameter)
        raise
