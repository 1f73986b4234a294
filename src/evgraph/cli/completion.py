"""What a shell offers behind ``evgraph query``: questions, their parameters, and values out of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from evgraph.errors import EvgraphError
from evgraph.namespaces import ID, MATRICES
from evgraph.query.catalogue import Catalogue
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    import click

    from evgraph.query.question import Parameter

_MOST = 200
_LABEL = "OPTIONAL { ?it rdfs:label|skos:prefLabel ?label }"
_IN_DATA = {
    "cell": f"?snapshot prov:specializationOf ?it {_LABEL}",
    "document": f"?it a evg:Document {_LABEL}",
    "organisation": f"?it a schema:Organization {_LABEL}",
}


def question(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the names of questions, else files."""
    try:
        names = _catalogue(ctx).paths
    except EvgraphError:
        names = Catalogue().paths
    found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


def parameter(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer ``NAME=`` for the parameters of a question, and behind that the values that the data has."""
    name = ctx.params.get("question") or next(iter(ctx.args), None)  # Not parsed yet where -p has no value yet.
    try:
        catalogue = _catalogue(ctx)
        if not name or name not in catalogue.paths:
            return []
        known = catalogue[name].parameters
        chosen, equals, begun = incomplete.partition("=")
        if not equals:
            return [CompletionItem(f"{one}=") for one in known if one.startswith(incomplete)]
        offered = values(known[chosen], begun, _origin(ctx)) if chosen in known else {}
    except EvgraphError:
        return []  # A shell at work is no place for a message.
    return [CompletionItem(f"{chosen}={value}", help=label) for value, label in offered.items()]


def values(wanted: Parameter, begun: str, origin: Origin) -> dict[str, str]:
    """Give the values that a parameter may take and that begin so: value → what it is called."""
    if wanted.type == "choice":
        found = dict.fromkeys(wanted.choices, "")
    elif wanted.type == "matrix":
        found = dict.fromkeys(MATRICES, "")
    elif wanted.type in {"marker", "country", "topic", *_IN_DATA}:
        pattern = _IN_DATA.get(wanted.type, f"?it skos:inScheme <{ID}scheme/{wanted.type}> {_LABEL}")
        rows = open_store(origin).query(
            f"SELECT DISTINCT ?it ?label WHERE {{ {pattern} }} ORDER BY STR(?it) STR(?label)"
        )
        found = {}
        for it, label in rows.rows if isinstance(rows, Rows) else ():
            slug = getattr(it, "value", "").rpartition("/")[2]
            slug = slug.replace("-", ":", 1) if wanted.type == "cell" else slug
            found.setdefault(slug, getattr(label, "value", ""))
    else:
        return {}
    fitting = {value: label for value, label in found.items() if value.casefold().startswith(begun.casefold())}
    return dict(list(fitting.items())[:_MOST])


def _catalogue(ctx: click.Context) -> Catalogue:
    return Catalogue.with_own(ctx.params.get("own_folders") or ())


def _origin(ctx: click.Context) -> Origin:
    """Give the data that the command line names so far; no server is asked while somebody types."""
    return Origin(tuple(ctx.params.get("data") or ()), ctx.params.get("store"))
