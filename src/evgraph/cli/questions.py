"""The list and the check of the questions, for ``evgraph query``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph.errors import ExitCode
from evgraph.query.catalogue import Catalogue
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence


def show_list(catalogue: Catalogue) -> None:
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
    click.echo("\n".join(lines[1:]))
    click.echo("\nAsk one with: evgraph query NAME -p parameter=value ([parameters] are optional)", err=True)


def check_all(name: str | None, folders: Sequence[Path], catalogue: Catalogue) -> int:
    """Check a question, a file, or all questions of the user's own folders; without any, evgraph's."""
    from evgraph.query.lint import lint
    from evgraph.store.opening import open_store

    if name is None:
        own = set(Catalogue(folders).paths.values()) if folders else set(catalogue.paths.values())
        paths = [path for path in catalogue.paths.values() if path in own]
    else:
        paths = [Path(name)] if name.endswith((".rq", ".sparql")) else [Path(catalogue[name].path)]
    store = open_store()
    errors = warnings = 0
    for path in paths:
        for problem in lint(path, store):
            click.echo(str(problem))
            errors += problem.is_error
            warnings += not problem.is_error
    counts = f"{plural(errors, 'error')}, {plural(warnings, 'warning')}"
    click.echo(f"{plural(len(paths), 'question')} checked: {counts}", err=True)
    return ExitCode.UNREADABLE if errors else ExitCode.FINDINGS if warnings else ExitCode.CLEAN
