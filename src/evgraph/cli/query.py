"""``evgraph query``: ask a canned question, or SPARQL of your own."""

from __future__ import annotations

import sys
from functools import partial
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evgraph.cli.data import SECONDS, data_options
from evgraph.cli.questions import check_all, show_list
from evgraph.cli.sections import Command, option
from evgraph.cli.terminal import width
from evgraph.errors import ExitCode, UsageError
from evgraph.formats import FORMATS, ROW_FORMATS
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.query.labels import labels_beside
from evgraph.query.passages import COLUMN, Passages
from evgraph.query.question import Question, own, read_own
from evgraph.query.runner import Asked, Counted, CountedRows
from evgraph.render.rows import md, table, yes_or_no
from evgraph.sparql.tokens import columns
from evgraph.store.opening import open_store
from evgraph.store.protocol import Rows
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from click.shell_completion import CompletionItem

    from evgraph.query.runner import CountedTriples
    from evgraph.query.worker import Limits
    from evgraph.render.rows import Labels
    from evgraph.store.opening import Origin
    from evgraph.store.protocol import Answer, Store

ROWS, TRIPLES = tuple(ROW_FORMATS), tuple(FORMATS)


def _complete(what: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Load what completes a word only when a shell asks."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from evgraph.cli import completion

        found: list[CompletionItem] = getattr(completion, what)(ctx, parameter, incomplete)
        return found

    return complete


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "allow_extra_args": True})
@click.argument("question", required=False, metavar="[NAME|FILE.rq|-]", shell_complete=_complete("question"))
@option(
    "The question",
    "-p",
    "--param",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=_complete("parameter"),
    help="What the question is told, as people write it: E4, drug:E4, timko-2007, K, GB. May be repeated.",
)
@option(
    "The question",
    "--values",
    "values_of",
    metavar="NAME",
    shell_complete=_complete("name"),
    help="List what the parameter NAME may be told, as the data has it, and run nothing.",
)
@option("The question", "--show", is_flag=True, help="Print the question's .rq text and run nothing.")
@option("The answer", "--limit", type=click.IntRange(min=0), metavar="N", help="At most N rows (or triples).")
@option(
    "The answer",
    "--format",
    "wanted",
    type=click.Choice([*ROWS, *TRIPLES], case_sensitive=False),
    help="Rows: table by default. Triples of a CONSTRUCT: turtle by default. With -o, what the file's name ends in.",
)
@option(
    "The answer",
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write this file, whole or not at all.",
)
@option(
    "The answer",
    "--with-passages",
    is_flag=True,
    help="Add columns to each row: snapshot, line and offsets of what it rests on.",
)
@option(
    "The answer",
    "--pages",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The pages that the graph was read from: under each row, the words of the passages it rests on.",
)
@data_options(own_timeout=True)
@option(
    "Limits",
    "--timeout",
    type=SECONDS,
    metavar="SECONDS",
    help="End the query when it has taken so long, loading the data included. Of a server: what an answer may take.",
)
@option(
    "Limits",
    "--max-memory",
    type=click.IntRange(min=1),
    metavar="MB",
    help="End the query when it needs more memory than this.",
)
@option(
    "Questions of your own",
    "--queries",
    "own_folders",
    multiple=True,
    type=click.Path(file_okay=False, path_type=Path),
    envvar="EVGRAPH_QUERIES",
    show_envvar=True,
    metavar="DIR",
    help="A folder of your own questions (NAME.rq), beside those of evgraph. May be repeated.",
)
@option(
    "Questions of your own",
    "--check",
    is_flag=True,
    help="Check questions instead of asking: one, a file, or all of --queries.",
)
def query(
    question: str | None,
    given: tuple[str, ...],
    origin: Origin,
    own_folders: tuple[Path, ...],
    check: bool,
    show: bool,
    values_of: str | None,
    with_passages: bool,
    pages: Path | None,
    timeout: float | None,
    max_memory: int | None,
    limit: int | None,
    wanted: str | None,
    output: Path | None,
) -> int:
    """Ask a canned question, or SPARQL of your own; without a name, list the questions.

    \b
    Examples:
      evgraph query
      evgraph query cell-contents -p cell=drug:E4
      evgraph query cell-contents --values cell
      evgraph query shared-documents --format csv -o shared.csv
      evgraph query corresponding-studies --with-passages --format csv
      evgraph query --queries my-questions --check
      echo 'SELECT DISTINCT ?e WHERE { ?e a evg:Entry }' | evgraph query -

    SPARQL of your own may use evgraph's prefixes without declaring them. SERVICE, FROM and updates are refused.
    """  # noqa: D301 - click's own mark
    if more := click.get_current_context().args:
        value = more[0] if "=" in more[0] else f"NAME={more[0]}"
        raise UsageError(f"{more[0]}: one question at a time", hint=f"values go with -p: -p {value}")
    catalogue = Catalogue.with_own(own_folders)
    if check:
        return check_all(question, own_folders, catalogue)
    if question is None:
        if given or show or values_of or with_passages or pages or limit is not None or wanted or output:
            raise UsageError("which question is that for?", hint="'evgraph query' lists them")
        show_list(catalogue)
        return ExitCode.CLEAN
    if question == "-" and "-" in origin.paths:
        raise UsageError("standard input cannot be both the query and the data", hint="put one into a file")
    asked = _find(question, catalogue)
    if show:
        click.echo(asked.text, nl=not asked.text.endswith("\n"))
        return ExitCode.CLEAN
    values = _values(given)
    if values_of and (given or with_passages or pages):
        raise UsageError("--values asks nothing yet", hint="leave out -p, --with-passages and --pages")
    formats = FORMATS if not values_of and asked.form in {"CONSTRUCT", "DESCRIBE"} else ROW_FORMATS
    written_as = formats.choose(wanted, output).name
    if with_passages:
        _check_passages(asked, "--with-passages")
    if pages:
        _check_passages(asked, "--pages")
        if written_as not in {"table", "md"}:
            raise UsageError(f"--pages: {written_as} has no place for words", hint="choose --format table or md")
    limits = _limits(origin, timeout, max_memory)
    store = _Within(origin, limits) if limits else open_store(origin)
    if values_of:
        answer, notes = _values_of(store, asked, values_of, limit)
    elif limits:
        from evgraph.query.worker import ask

        answer, notes = ask(origin, asked, values, limit, limits)
    else:
        answer, notes = runner.ask(store, asked, values, limit)
    passages = Passages(store, pages)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    if isinstance(answer, bool):
        _write([yes_or_no(answer, written_as).encode()], output)
    elif isinstance(answer, Rows):
        shown = passages.spread(answer) if with_passages else answer
        _write(_rows(shown, written_as, output, passages, partial(labels_beside, store)), output)
        _tell(answer.rows, "row", limit, counted=written_as == "table")
        _explain(answer.rows, store, asked)
        for complaint in passages.complaints():
            click.echo(f"note: {complaint}", err=True)
    else:
        _write(_triples(answer, written_as), output)
        _tell(answer.triples, "triple", limit, counted=False)
        _explain(answer.triples, store, asked)
    return ExitCode.CLEAN


def _find(name: str, catalogue: Catalogue) -> Question:
    """Read a question of the catalogue, a file of somebody's own, or standard input."""
    if name == "-":
        return own(sys.stdin.buffer.read(), "-")
    if name.endswith((".rq", ".sparql")) or Path(name).name != name:
        return read_own(Path(name))
    if "{" in name:
        raise UsageError(
            "SPARQL of your own comes from a file or from standard input", hint="echo 'SELECT …' | evgraph query -"
        )
    if name not in catalogue.paths and isfile(name):  # noqa: PTH113 - which no name troubles, however long
        return read_own(Path(name))
    return catalogue[name]


def _values(given: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"-p {one}: expected NAME=VALUE", hint="such as -p cell=drug:E4")
        values.setdefault(name.strip(), []).append(value)
    return values


def _check_passages(asked: Question, option: str) -> None:
    if COLUMN not in (token.text[1:] for token in columns(asked.tokens) or ()):
        raise UsageError(
            f"{option}: {asked.name} has no column '{COLUMN}', so there are none to show", hint="leave it out"
        )


def _limits(origin: Origin, timeout: float | None, max_memory: int | None) -> Limits | None:
    """Give the limits that evgraph must keep; a server is told how long it may take, and keeps to its own."""
    if origin.endpoint is not None and max_memory is not None:
        raise UsageError("--max-memory: a server has limits of its own", hint="leave it out")
    if origin.endpoint is not None or (timeout is None and max_memory is None):
        return None
    from evgraph.query.worker import Limits

    return Limits(timeout, max_memory)


def _values_of(store: Store, asked: Question, name: str, limit: int | None) -> Asked:
    """List what a parameter may be told, as rows."""
    from pyoxigraph import Literal

    from evgraph.query.pick_list import pick_list

    offered = pick_list(store, asked.parameter(name)).items()
    rows = ((Literal(value), Literal(label) if label else None) for value, label in offered)
    return Asked(CountedRows(["value", "label"], Counted(rows, limit)), [])


class _Within:
    """A `Store` whose queries keep to limits: for what is looked up beside an answer that had to keep to them."""

    def __init__(self, origin: Origin, limits: Limits) -> None:
        self._origin, self._limits = origin, limits

    def query(self, sparql: str) -> Answer:
        from evgraph.query.worker import ask

        return ask(self._origin, own(sparql.encode(), "-"), {}, None, self._limits).answer


def _rows(answer: Rows, written_as: str, output: Path | None, passages: Passages, labels: Labels) -> Iterator[bytes]:
    if written_as == "table":
        pieces = table(answer, None if output else width(), passages, labels)
    else:
        pieces = md(answer, passages, labels) if written_as == "md" else ROW_FORMATS[written_as].write(answer)
    return (piece.encode() for piece in pieces)


def _triples(answer: CountedTriples, written_as: str) -> Iterator[bytes]:
    from pyoxigraph import Quad

    from evgraph.rdf.write import write_along

    return write_along((Quad(one.subject, one.predicate, one.object) for one in answer.triples), FORMATS[written_as])


def _write(pieces: Iterable[bytes], output: Path | None) -> None:
    if output:
        write_file(output, pieces)
        return
    stdout = sys.stdout.buffer
    for piece in pieces:
        stdout.write(piece)
    stdout.flush()


def _tell(answer: Counted[Any], noun: str, limit: int | None, *, counted: bool) -> None:
    """Say on standard error what the data alone does not tell."""
    many = noun if answer.count == 1 else f"{noun}s"
    if answer.cut:
        click.echo(f"{answer.count} {many}, as --limit {limit} asks; {answer.more}", err=True)
    elif not answer.count:
        click.echo(f"no {noun}s", err=True)
    elif counted:
        click.echo(f"{answer.count} {many}", err=True)


def _explain(answer: Counted[Any], store: Store, asked: Question) -> None:
    """Say what may be why there is nothing."""
    if answer.count or answer.cut:
        return
    from evgraph.query.unknown import unknown

    for note in unknown(store, asked):
        click.echo(f"note: {note}", err=True)
