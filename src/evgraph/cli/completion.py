"""What a shell offers behind ``evgraph query``: questions, their parameters, and values out of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from evgraph.errors import EvgraphError
from evgraph.query.catalogue import Catalogue
from evgraph.query.pick_list import is_listed, pick_list
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

    from evgraph.query.question import Parameter

_MOST = 200


def question(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the names of questions, else files."""
    try:
        names = _catalogue(ctx).paths
    except EvgraphError:
        names = Catalogue().paths
    found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def name(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the names of a question's parameters whose values can be listed."""
    known = _known(ctx).items()
    return [
        CompletionItem(one, help=it.description) for one, it in known if is_listed(it) and one.startswith(incomplete)
    ]


def parameter(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer ``NAME=`` for the parameters of a question, and behind that the values that the data has."""
    try:
        known = _known(ctx)
        chosen, equals, begun = incomplete.partition("=")
        if not equals:
            return [CompletionItem(f"{one}=") for one in known if one.startswith(incomplete)]
        offered = values(known[chosen], begun, _origin(ctx)) if chosen in known else {}
    except EvgraphError:
        return []
    return [CompletionItem(f"{chosen}={value}", help=label) for value, label in offered.items()]


def values(wanted: Parameter, begun: str, origin: Origin) -> dict[str, str]:
    """Give the values that a parameter may take and that begin so: value → what it is called."""
    found = pick_list(open_store(origin), wanted) if is_listed(wanted) else {}
    fitting = {value: label for value, label in found.items() if value.casefold().startswith(begun.casefold())}
    return dict(list(fitting.items())[:_MOST])


def _known(ctx: click.Context) -> Mapping[str, Parameter]:
    """Give the parameters of the question that the command line names; none where it names none that there is."""
    asked = ctx.params.get("question") or next(iter(ctx.args), None)  # Not parsed yet where -p has no value yet.
    try:
        catalogue = _catalogue(ctx)
        return catalogue[asked].parameters if asked and asked in catalogue.paths else {}
    except EvgraphError:
        return {}  # A shell at work is no place for a message.


def _catalogue(ctx: click.Context) -> Catalogue:
    return Catalogue.with_own(ctx.params.get("own_folders") or ())


def _origin(ctx: click.Context) -> Origin:
    """Give the data that the command line names so far; no server is asked while somebody types."""
    return Origin(tuple(ctx.params.get("data") or ()), ctx.params.get("store"))
