"""The questions themselves, for ``evgraph query``: listed, and looked over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evgraph.errors import ExitCode
from evgraph.query.catalogue import Catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence


def show_list(catalogue: Catalogue) -> None:
    """Print the questions by tag, each with its parameters; optional ones stand in brackets."""
    lines = []
    for tag, questions in catalogue.by_tag().items():
        lines += ["", tag]
        for one in questions:
            words = ["|".join(one.one_of)] if one.one_of else []
            words += [
                name if parameter.required else f"[{name}]"
                for name, parameter in one.parameters.items()
                if name not in one.one_of
            ]
            lines += [f"  {' '.join([one.name, *words])}", f"      {one.summary}"]
    click.echo("\n".join(lines[1:]))
    click.echo("\nAsk one with: evgraph query NAME -p parameter=value ([parameters] may be left out)", err=True)


def check_all(name: str | None, folders: Sequence[Path], catalogue: Catalogue) -> int:
    """Check a question, a file, or all questions of people's own folders; without any, evgraph's."""
    from evgraph.query.lint import advice
    from evgraph.store.opening import open_store

    if name is None:
        own_files = {path for folder in folders for path in Catalogue([folder]).paths.values()}
        paths = [path for path in catalogue.paths.values() if not folders or path in own_files]
    else:
        paths = [Path(name)] if name.endswith((".rq", ".sparql")) else [Path(catalogue[name].path)]
    store = open_store()
    faults = warnings = 0
    for path in paths:
        for one in advice(path, store):
            click.echo(str(one))
            faults += one.is_fault
            warnings += not one.is_fault
    told = ", ".join(_counted(count, noun) for count, noun in ((faults, "fault"), (warnings, "warning")))
    click.echo(f"{_counted(len(paths), 'question')} checked: {told}", err=True)
    return ExitCode.UNREADABLE if faults else ExitCode.FINDINGS if warnings else ExitCode.CLEAN


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
