"""Hints for Python users: the argument or the method that solves an error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from evgraph.errors import EvgraphError, Hint

if TYPE_CHECKING:
    from collections.abc import Iterator

HINTS = {
    Hint.ALLOW_LEAST_MEMORY: "give max_memory at least {example}, or leave it out",
    Hint.ALLOW_MORE_MEMORY: "allow more with max_memory=…, or ask for less",
    Hint.ALLOW_MORE_TIME: "allow more with timeout=…, or ask for less",
    Hint.ASK_SEARCH_QUESTION: 'ask the question "search": graph.query("search", text="…")',
    Hint.BUILD_STORE: "name the folder of a store on disk",
    Hint.CHOOSE_CELL: "{choices}",
    Hint.EXPORT_AND_NAME_FILE: 'leave engine="pyshacl" out, or export the graph and open the file',
    Hint.GIVE_PARAMETER: 'graph.query("{question}", {parameter}="{example}")',
    Hint.LEAVE_OUT_CELL: "leave the cell out for this page",
    Hint.LEAVE_OUT_MEMORY_LIMIT: "leave max_memory out",
    Hint.LEAVE_OUT_STORE: "to read RDF files, give them as paths: evgraph.open(…)",
    Hint.LIST_QUESTIONS: "graph.questions lists them",
    Hint.LIST_RULES: "look at the rule of a finding",
    Hint.LIST_VALUES: 'graph.pick_list("{question}", "{parameter}") lists the values',
    Hint.NAME_CELL: 'such as "drug:E4" or "alcohol:E4"',
    Hint.NAME_FILES: "open the files or folders to fix",
    Hint.NAME_GRAPH_STORE: "give them IRIs, or name the server's graph store: Endpoint(…, graph_store=…)",
    Hint.NAME_UPDATE_ADDRESS: "name it: Endpoint(…, update=…)",
    Hint.NAME_VERSION: "name an earlier export, a folder of data, a store on disk, or git:REVISION:PATH",
    Hint.NAME_WRITE_ADDRESS: "name the server's graph store or its address for updates: Endpoint(…, graph_store=…)",
    Hint.OPEN_FOLDER_OF_QUESTIONS: "evgraph.open(queries=…) makes questions of its files",
    Hint.USE_FILES: "open the files instead",
}
"""What to do about an error; braces take its fields."""


@contextmanager
def in_python() -> Iterator[None]:
    """Give the errors raised inside hints that name arguments and methods. Also a decorator."""
    try:
        yield
    except EvgraphError as error:
        if isinstance(error.hint, Hint):
            error.hint = error.advice(HINTS, '{parameter}="{value}"')
        raise
