"""``evgraph query``: ask a canned question, or SPARQL of your own."""

from __future__ import annotations

import sys
from functools import partial
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evgraph.cli import completion
from evgraph.cli.common import (
    MEGABYTES,
    SECONDS,
    Command,
    as_spreadsheet,
    data_options,
    note,
    option,
    say,
    write_output,
)
from evgraph.cli.rows import write_rows
from evgraph.errors import ExitCode, UsageError
from evgraph.formats import FORMATS, ROW_FORMATS
from evgraph.query import runner
from evgraph.query.added_columns import complete
from evgraph.query.catalogue import Catalogue
from evgraph.query.names import labels_beside
from evgraph.query.passages import COLUMN, Passages
from evgraph.query.reading import MAX_BYTES, ad_hoc, read_ad_hoc
from evgraph.query.runner import Answered, Limited, LimitedRows
from evgraph.render.rows import yes_or_no
from evgraph.store.opening import open_store
from evgraph.store.protocol import Rows
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.limits import Limits
    from evgraph.query.question import Question
    from evgraph.query.runner import LimitedTriples
    from evgraph.store.opening import Origin
    from evgraph.store.protocol import Answer, Store

_FOR_PEOPLE = {"table", "list", "md"}


@click.command(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "allow_extra_args": True})
@click.argument("question", required=False, metavar="[NAME|FILE.rq|-]", shell_complete=completion.question)
@option(
    "The question", "-p", "--param", "params", multiple=True, metavar="NAME=VALUE",
    shell_complete=completion.parameter,
    help="A parameter and its value, as people write it: cell=E4, document=timko-2007, country=GB. May be repeated.",
)  # fmt: skip
@option(
    "The question", "--values", "values_of", metavar="NAME", shell_complete=completion.name,
    help="List the values of the parameter NAME that the data has, and run nothing.",
)  # fmt: skip
@option("The question", "--show", is_flag=True, help="Print the question's .rq text and run nothing.")
@option("The answer", "--limit", type=click.IntRange(min=0), metavar="N", help="At most N rows (or triples).")
@option(
    "The answer", "--format", "format_name", type=click.Choice([*ROW_FORMATS, *FORMATS], case_sensitive=False),
    help="Default: the format of the -o file's suffix, else turtle for the triples of a CONSTRUCT; for rows table,"
    " or list (one field per line) if a table does not fit the terminal.",
)  # fmt: skip
@option(
    "The answer", "--spreadsheet", is_flag=True,
    help="Write csv that a spreadsheet opens without running formulas in it, like --format spreadsheet.",
)  # fmt: skip
@option(
    "The answer", "-o", "--output", type=click.Path(dir_okay=False), default="-",
    help="Write the answer to this file; it is replaced only if the query succeeds.",
)  # fmt: skip
@option(
    "The answer", "--with-passages", is_flag=True,
    help="Add columns: snapshot, line and offsets of the passages that a row rests on.",
)  # fmt: skip
@option(
    "The answer", "--columns", metavar="A,B,…", help="Only these columns, in this order.",
)  # fmt: skip
@option("The answer", "--no-labels", is_flag=True, help="Leave out the columns of labels, such as trial_label.")
@option(
    "The answer", "--pages", type=click.Path(path_type=Path), metavar="DIR",
    help="Show the text of the passages under each row, from the pages in this folder.",
)  # fmt: skip
@data_options(own_timeout=True)
@option(
    "Limits", "--timeout", type=SECONDS, metavar="SECONDS",
    help="Stop the query after this time, which includes loading the data; of a server, the time for one answer.",
)  # fmt: skip
@option(
    "Limits", "--max-memory", type=MEGABYTES, metavar="MB",
    help="Stop the query when it needs more memory than this.",
)  # fmt: skip
@option(
    "Questions of your own", "--queries", "own_folders", multiple=True,
    type=click.Path(file_okay=False, path_type=Path), envvar="EVGRAPH_QUERIES", show_envvar=True, metavar="DIR",
    help="A folder of your own questions (NAME.rq), in addition to evgraph's. May be repeated.",
)  # fmt: skip
@option(
    "Questions of your own", "--check", is_flag=True,
    help="Check questions instead of asking: one, a file, or all of --queries.",
)  # fmt: skip
def query(
    question: str | None,
    params: tuple[str, ...],
    origin: Origin,
    own_folders: tuple[Path, ...],
    check: bool,
    show: bool,
    values_of: str | None,
    with_passages: bool,
    columns: str | None,
    no_labels: bool,
    pages: Path | None,
    timeout: float | None,
    max_memory: int | None,
    limit: int | None,
    format_name: str | None,
    spreadsheet: bool,
    output: str,
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
    format_name = as_spreadsheet(format_name, is_asked=spreadsheet)
    catalogue = Catalogue.with_own(own_folders)
    if check:
        return _check_all(question, own_folders, catalogue)
    if question is None:
        others = (params, show, values_of, with_passages, columns, no_labels, pages, format_name)
        if any(others) or limit is not None or output != "-":
            raise UsageError("these options need the name of a question", hint="'evgraph query' lists the questions")
        _show_list(catalogue)
        return ExitCode.CLEAN
    if question == "-" and "-" in origin.paths:
        raise UsageError("standard input cannot be both the query and the data", hint="put one into a file")
    chosen = _find(question, catalogue)
    if show:
        click.echo(chosen.text, nl=not chosen.text.endswith("\n"))
        return ExitCode.CLEAN
    values = _values(params)
    if values_of and (params or with_passages or pages):
        raise UsageError("--values runs no query", hint="leave out -p, --with-passages and --pages")
    formats = FORMATS if not values_of and chosen.form in {"CONSTRUCT", "DESCRIBE"} else ROW_FORMATS
    form = formats.choose(format_name, output).name
    for name, is_set in (("--with-passages", with_passages), ("--pages", pages)):
        if is_set and not (chosen.evidence or COLUMN in (chosen.selected or ())):
            raise UsageError(f"{name}: {chosen.name} names no evidence for its rows", hint=f"leave out {name}")
    if pages and form not in _FOR_PEOPLE:
        raise UsageError(f"--pages: {form} cannot show the text of passages", hint="choose --format table, list or md")
    if form == "xlsx":
        _check_xlsx(output, chosen)
    limits = _limits(origin, timeout, max_memory)
    store = _LimitedStore(origin, limits) if limits else open_store(origin)
    if values_of:
        answer, notes = _list_values(store, chosen, values_of, limit)
    elif limits:
        from evgraph.query.limited import ask

        answer, notes = ask(origin, chosen, values, limit, limits)
    else:
        answer, notes = runner.ask(store, chosen, values, limit)
    passages = Passages(store, pages)
    note(notes)
    if isinstance(answer, bool):
        write_output([yes_or_no(answer, form).encode()], output)
    elif isinstance(answer, Rows):
        rows = complete(
            store,
            chosen,
            answer,
            labels=not no_labels,
            passages=passages if (form in _FOR_PEOPLE and not values_of) or with_passages else None,
            locations=with_passages,
            columns=list(dict.fromkeys(name.strip() for name in columns.split(","))) if columns else (),
        )
        beside = None if no_labels else partial(labels_beside, store)
        notes = write_rows(rows, form, output, passages, beside, is_chosen=format_name is not None)
        _report(answer.rows, "row", limit, store, chosen, counted=form in {"table", "list"})
        note([*notes, *passages.complaints()])
    else:
        write_output(_triples(answer, form), output)
        _report(answer.triples, "triple", limit, store, chosen, counted=False)
    return ExitCode.CLEAN


def _show_list(catalogue: Catalogue) -> None:
    """Print the questions by tag, each with its parameters; optional ones are in brackets."""
    lines = []
    for tag, questions in catalogue.by_tag().items():
        lines += ["", tag]
        for question in questions:
            words = ["|".join(question.one_of)] if question.one_of else []
            words += [
                name if parameter.required else f"[{name}]"
                for name, parameter in question.parameters.items()
                if name not in question.one_of
            ]
            lines += [f"  {' '.join([question.name, *words])}", f"      {question.summary}"]
    say("\n".join(lines[1:]))
    say("\nAsk one with: evgraph query NAME -p parameter=value ([parameters] are optional)", err=True)


def _check_all(name: str | None, folders: Sequence[Path], catalogue: Catalogue) -> int:
    """Check a question, a file, or all questions of the user's own folders; without any, evgraph's."""
    from evgraph.query.lint import lint

    if name is None:
        own = Catalogue(folders).paths if folders else catalogue.paths
        paths = [path for name, path in catalogue.paths.items() if name in own]
    else:
        paths = [Path(name)] if name.endswith((".rq", ".sparql")) else [Path(catalogue[name].path)]
    store = open_store()
    errors = warnings = 0
    for path in paths:
        for problem in lint(path, store):
            say(str(problem))
            errors += problem.is_error
            warnings += not problem.is_error
    counts = f"{plural(errors, 'error')}, {plural(warnings, 'warning')}"
    say(f"{plural(len(paths), 'question')} checked: {counts}", err=True)
    return ExitCode.UNREADABLE if errors else ExitCode.FINDINGS if warnings else ExitCode.CLEAN


def _find(name: str, catalogue: Catalogue) -> Question:
    """Read a question of the catalogue, the user's own file, or standard input."""
    if name == "-":
        return ad_hoc(sys.stdin.buffer.read(MAX_BYTES), "-")
    if name.endswith((".rq", ".sparql")) or Path(name).name != name:
        return read_ad_hoc(Path(name))
    if "{" in name:
        raise UsageError(
            "SPARQL of your own comes from a file or from standard input", hint="echo 'SELECT …' | evgraph query -"
        )
    if name not in catalogue.paths and isfile(name):  # noqa: PTH113 - takes names of any length
        return read_ad_hoc(Path(name))
    return catalogue[name]


def _values(params: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"-p {param}: expected NAME=VALUE", hint="such as -p cell=drug:E4")
        values.setdefault(name.strip(), []).append(value)
    return values


def _limits(origin: Origin, timeout: float | None, max_memory: int | None) -> Limits | None:
    """Return the limits that evgraph enforces; a server gets the timeout, and has limits of its own."""
    if origin.endpoint is not None and max_memory is not None:
        raise UsageError("--max-memory: a server has limits of its own", hint="leave it out")
    if origin.endpoint is not None or (timeout is None and max_memory is None):
        return None
    from evgraph.limits import Limits

    return Limits(timeout, max_memory)


def _list_values(store: Store, question: Question, name: str, limit: int | None) -> Answered:
    """Return the values of a parameter as rows."""
    from pyoxigraph import Literal

    from evgraph.query.parameters import pick_list

    values = pick_list(store, question.parameter(name)).items()
    rows = ((Literal(value), Literal(label) if label else None) for value, label in values)
    return Answered(LimitedRows(["value", "label"], Limited(rows, limit)), [])


class _LimitedStore:
    """A `Store` whose queries have limits: for the labels and passages of an answer that has limits."""

    def __init__(self, origin: Origin, limits: Limits) -> None:
        self._origin, self._limits = origin, limits

    def query(self, sparql: str) -> Answer:
        from evgraph.query.limited import ask

        return ask(self._origin, ad_hoc(sparql.encode(), "-"), {}, None, self._limits).answer


def _check_xlsx(output: str, question: Question) -> None:
    if question.form == "ASK":
        raise UsageError("xlsx holds rows, and an ASK has none", hint="choose --format table or json")
    if output == "-" and sys.stdout.isatty():
        raise UsageError("a terminal cannot show xlsx", hint="name a file: -o rows.xlsx")


def _triples(answer: LimitedTriples, form: str) -> Iterator[bytes]:
    from pyoxigraph import Quad

    from evgraph.rdf.write import write_along

    quads = (Quad(triple.subject, triple.predicate, triple.object) for triple in answer.triples)
    return write_along(quads, FORMATS[form])


def _report(
    items: Limited[Any], noun: str, limit: int | None, store: Store, question: Question, *, counted: bool
) -> None:
    """Say on standard error how many items there were, and why there may be none."""
    if items.truncated:
        say(f"{plural(items.count, noun)}, as --limit {limit} asks; {items.more}", err=True)
    elif not items.count:
        from evgraph.query.notes import unknown_names

        say(f"no {noun}s", err=True)
        note(unknown_names(store, question))
    elif counted:
        say(plural(items.count, noun), err=True)
