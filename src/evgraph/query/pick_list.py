"""The values of a parameter that a graph has: to choose from, and to complete what somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UsageError
from evgraph.namespaces import ID, MATRICES, curie, scheme
from evgraph.query.names import labels
from evgraph.sparql.guard import check_query
from evgraph.store.embedded import OfflineStore, OxigraphStore
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from evgraph.query.question import Parameter
    from evgraph.store.protocol import Store

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
    """Return whether the values of a parameter can be listed."""
    return bool(parameter.pick_list) or parameter.type in {"choice", "matrix", *_OF_TYPE}


def pick_list(store: Store, parameter: Parameter) -> dict[str, str]:
    """Return the values to choose from: value as it is typed → label, empty where the value says it all.

    They are the rows of the parameter's ``pick_list``, or else what the graph has of its type.

    Raises:
        UsageError: any text, number or file is a value.
        UnreadableError: the parameter's ``pick_list`` is not legal SPARQL.

    """
    if parameter.type in {"choice", "matrix"}:
        return dict.fromkeys(parameter.choices or MATRICES, "")
    found = terms(store, parameter)
    known = labels(store, (term.value for term in found if isinstance(term, NamedNode)))
    return dict(sorted((typed(parameter, term), known.get(term.value, "")) for term in found))


def terms(store: Store, parameter: Parameter) -> list[NamedNode | Literal]:
    """Return the terms of a pick list.

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
    check_query(query)
    answer = (OfflineStore(store) if parameter.pick_list and isinstance(store, OxigraphStore) else store).query(query)
    if not isinstance(answer, Rows) or len(answer.columns) != 1:
        raise UsageError(f"the pick_list of '{parameter.name}' must be a SELECT of one variable, the value")
    return [term for term in dict.fromkeys(term for (term,) in answer.rows) if isinstance(term, NamedNode | Literal)]


def typed(parameter: Parameter, term: NamedNode | Literal) -> str:
    """Return what people type for a term: ``drug:E4``, ``timko-2007``, ``GB``, a CURIE, a text."""
    if isinstance(term, Literal):
        return term.value
    folder = f"{ID}{_FOLDERS.get(parameter.type, f'scheme/{parameter.type}')}/"
    if parameter.type == "iri" or not term.value.startswith(folder):
        return curie(term.value)
    name = term.value.removeprefix(folder)
    return name.replace("-", ":", 1) if parameter.type == "cell" else name
