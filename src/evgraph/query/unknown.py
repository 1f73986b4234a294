"""Why SPARQL of somebody's own may have found nothing: names in it that the graph does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import EVG, ID, PREFIXES, XSD, curie
from evgraph.query.suggest import did_you_mean
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.query.question import Question
    from evgraph.store.protocol import Store

_MOST = 20  # So many names are looked up.
# Where a misspelt name is looked for, by the namespace that it stands in.
_KNOWN = {
    EVG: "VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty } ?it a ?kind",
    f"{ID}doc/": "?it a evg:Document",
    f"{ID}org/": "?it a schema:Organization",
    f"{ID}cell/": "?it a evg:Cell",
}


def unknown(store: Store, question: Question) -> list[str]:
    """Say which names in a query the graph does not know, and which it has that look most like them.

    Args:
        store: the graph.
        question: one that found nothing; one of a catalogue is taken to be spelt right, and it is only told where the
            graph holds nothing of what pages become, as a server into which nothing was loaded.

    """
    if question.tags:
        read = store.query("ASK { VALUES ?class { evg:Document evg:Entry } ?thing a ?class }")
        return [] if read else ["there are neither entries nor documents in this graph"]
    found = []
    for iri in list(dict.fromkeys(_named(question)))[:_MOST]:
        if store.query(f"ASK {{ {{ <{iri}> ?p ?o }} UNION {{ ?s <{iri}> ?o }} UNION {{ ?s ?p <{iri}> }} }}") is False:
            pattern = next((one for namespace, one in _KNOWN.items() if iri.startswith(namespace)), "")
            rows = store.query(f"SELECT DISTINCT ?it WHERE {{ {pattern} }}") if pattern else None
            known = [curie(getattr(it, "value", "")) for (it,) in rows.rows] if isinstance(rows, Rows) else []
            found.append(f"{curie(iri)} is not in this graph{did_you_mean(curie(iri), known)}")
    return found


def _named(question: Question) -> Iterable[str]:
    """Give the IRIs that stand in a query: whole, or with a prefix of ours that it does not declare otherwise."""
    query = [token for token in question.tokens if token.kind not in {"space", "comment"}]
    namespaces, end = dict(PREFIXES), -1  # The last token of the declarations so far.
    template = question.form == "CONSTRUCT"  # What it makes need not be known.
    for place, token in enumerate(query):
        word = token.text.upper() if token.kind == "word" else ""
        if word == "PREFIX" and place + 2 < len(query):
            namespaces[query[place + 1].text.partition(":")[0]] = query[place + 2].text[1:-1]
        if word in {"PREFIX", "BASE"}:
            end = place + (2 if word == "PREFIX" else 1)
        template = template and word != "WHERE"
        if place <= end or template:
            continue
        if token.kind == "iri" and ":" in token.text:
            yield token.text[1:-1]
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix in namespaces and namespaces[prefix] != XSD and "\\" not in local:
                yield f"{namespaces[prefix]}{local}"
