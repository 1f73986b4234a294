"""What things are called, for people to read beside their IRIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal

from evgraph.namespaces import DCTERMS, ID, NOT_IN_IRI, PREFIXES, RDFS, SCHEMA, SKOS
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evgraph.store.protocol import Store

NAMES = (f"{RDFS}label", f"{SKOS}prefLabel", f"{DCTERMS}title", f"{SCHEMA}headline")
"""The properties that say what a thing is called, the best first."""

_AT_ONCE = 500  # What every engine takes in one VALUES.
# Whoever reads cell:drug-E4 or country:GB needs no label; nor do terms of a vocabulary.
_SPEAKING = (
    *(f"{ID}{folder}/" for folder in ("cell", "matrix", "scheme", "snapshot", "passage")),
    *(namespace for namespace in PREFIXES.values() if not namespace.startswith(ID)),
)


def labels(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Look up what things are called, in one query for each 500: IRI → label, sorted by IRI.

    A thing without a name is left out. Of several names of one kind it is the English one, or else the one without a
    language.
    """
    wanted = sorted({iri for iri in iris if iri and not NOT_IN_IRI.search(iri)})
    properties = " ".join(f"<{name}>" for name in NAMES)
    best: dict[str, tuple[int, int, str]] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        some = " ".join(f"<{iri}>" for iri in wanted[first : first + _AT_ONCE])
        answer = store.query(
            "SELECT DISTINCT ?thing ?property ?name WHERE {"
            f" VALUES ?thing {{ {some} }} VALUES ?property {{ {properties} }} ?thing ?property ?name }}"
        )
        for thing, property_, name in answer.rows if isinstance(answer, Rows) else ():
            if isinstance(name, Literal) and name.value:
                iri = getattr(thing, "value", "")
                foreign = ("en", "").index(name.language or "") if name.language in {"en", None} else 2
                here = (NAMES.index(getattr(property_, "value", "")), foreign, name.value)
                best[iri] = min(best.get(iri, here), here)
    return {iri: name for iri, (_, _, name) in sorted(best.items())}


def labels_beside(store: Store, iris: Iterable[str]) -> dict[str, str]:
    """Look up `labels` where an IRI alone tells a reader little: not of a cell, a concept or a term of a vocabulary."""
    return labels(store, (iri for iri in iris if not iri.startswith(_SPEAKING)))
