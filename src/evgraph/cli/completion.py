"""Shell completion for ``evgraph query``: questions, their parameters, and values from the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from evgraph.errors import EvgraphError
from evgraph.query.catalogue import Catalogue
from evgraph.query.parameters import is_listed, pick_list
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

    from evgraph.query.question import Parameter

_MAX_VALUES = 200


def question(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of questions, else files."""
    try:
        names = _catalogue(ctx).paths
    except EvgraphError:
        names = Catalogue().paths
    items = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return items or [CompletionItem(incomplete, type="file")]


def name(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of a question's parameters whose values can be listed."""
    return [
        CompletionItem(name, help=parameter.description)
        for name, parameter in _parameters(ctx).items()
        if is_listed(parameter) and name.startswith(incomplete)
    ]


def parameter(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return ``NAME=`` for the parameters of a question, and behind that the values that the data has."""
    parameters = _parameters(ctx)
    name, equals, begun = incomplete.partition("=")
    if not equals:
        return [CompletionItem(f"{name}=") for name in parameters if name.startswith(incomplete)]
    if name not in parameters or not is_listed(parameters[name]):
        return []
    # The data that the command line names so far; no server is asked while somebody types.
    origin = Origin(tuple(ctx.params.get("data") or ()), ctx.params.get("store"))
    try:
        values = pick_list(open_store(origin), parameters[name])
    except EvgraphError:
        return []
    matching = [value for value in values if value.casefold().startswith(begun.casefold())]
    return [CompletionItem(f"{name}={value}", help=values[value]) for value in matching[:_MAX_VALUES]]


def _parameters(ctx: click.Context) -> Mapping[str, Parameter]:
    """Return the parameters of the question on the command line; none if there is no such question."""
    # Not parsed yet where -p has no value yet.
    chosen = ctx.params.get("question") or next(iter(ctx.args), "")
    try:
        return _catalogue(ctx)[chosen].parameters
    except EvgraphError:
        return {}  # A shell that completes a word cannot show a message.


def _catalogue(ctx: click.Context) -> Catalogue:
    return Catalogue.with_own(ctx.params.get("own_folders") or ())
