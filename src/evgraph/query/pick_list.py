"""The values of a parameter that a graph holds: to choose from, and to complete what somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import ID, MATRICES, curie, scheme
from evgraph.query.labels import labels
from evgraph.sparql.guard import check
from evgraph.store.embedded import OfflineStore, OxigraphStore
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from evgraph.query.question import Parameter
    from evgraph.store.protocol import Store, Term

_OF_TYPE = {
    "cell": "?snapshot prov:specializationOf ?value",
    "document": "?value a evg:Document",
    "organisation": "?value a schema:Organization",
    "doi": "?document bibo:doi ?value",
    "pmid": "?document bibo:pmid ?value",
    **{name: f"?value skos:inScheme <{scheme(name, '').rstrip('/')}>" for name in ("marker", "country", "topic")},
}
_FOLDERS = {"document": "doc", "organisation": "org", "cell": "cell"}


def is_listed(parameter: Parameter) -> bool:
    """Say whether there is a list of its values."""
    return bool(parameter.pick_list) or parameter.type in {"choice", "matrix", *_OF_TYPE}


def pick_list(store: Store, parameter: Parameter) -> dict[str, str]:
    """List what may be typed for a parameter: value → what it is called, or nothing where it says so itself.

    It is what the parameter's own ``pick_list`` finds, or else what the graph has of its type.

    Raises:
        UsageError: any text, number or file will do.
        UnreadableError: the parameter's ``pick_list`` is not legal SPARQL.

    """
    if parameter.type in {"choice", "matrix"}:
        return dict.fromkeys(parameter.choices or MATRICES, "")
    found = terms(store, parameter)
    called = labels(store, (term.value for term in found if isinstance(term, NamedNode)))
    offered = {typed(parameter, term): called.get(term.value, "") for term in found}
    return dict(sorted(offered.items()))


def terms(store: Store, parameter: Parameter) -> list[NamedNode | Literal]:
    """Find the terms that a pick list names.

    Raises:
        UsageError: there is no such list.
        UnreadableError: it is not legal SPARQL.

    """
    if not is_listed(parameter):
        raise UsageError(
            f"there is no list of values for '{parameter.name}': {parameter.description}",
            hint=f"such as {parameter.example}",
        )
    query = parameter.pick_list or f"SELECT DISTINCT ?value WHERE {{ {_OF_TYPE[parameter.type]} }}"
    check(query)
    evaluating = OfflineStore(store) if parameter.pick_list and isinstance(store, OxigraphStore) else store
    answer = evaluating.query(query)
    if not isinstance(answer, Rows) or len(answer.columns) != 1:
        raise UsageError(f"the pick_list of '{parameter.name}' is a SELECT of one variable, the value")
    given: list[Term | None] = [row[0] for row in answer.rows]
    return [term for term in dict.fromkeys(given) if isinstance(term, NamedNode | Literal)]


def typed(parameter: Parameter, term: NamedNode | Literal) -> str:
    """Give what people type for a term: ``drug:E4``, ``timko-2007``, ``GB``, a CURIE, a text."""
    if isinstance(term, Literal):
        return term.value
    folder = f"{ID}{_FOLDERS.get(parameter.type, f'scheme/{parameter.type}')}/"
    if parameter.type == "iri" or not term.value.startswith(folder):
        return curie(term.value)
    name = term.value.removeprefix(folder)
    return name.replace("-", ":", 1) if parameter.type == "cell" else name
