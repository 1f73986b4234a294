"""Addresses of pages: which path has the document about a resource, and where on a page a part of it is."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from evgraph.namespaces import EVG, ID

ONTOLOGY = EVG.removesuffix("#")
"""The IRI of the ontology."""

SAFE = "/:@!$&'()*+,;=~-._%"
"""Characters that stay as they are in the path of an address."""
# Parts of a cell's page: the kind of thing, and the number of steps in its IRI before its own name.
_PARTS = ("entry", "section", "ref")


def address_of(iri: str) -> str | None:
    """Return the path of the document about a resource, without a host; None for an IRI that is not evgraph's."""
    if iri.startswith(ID):
        return f"/{iri.removeprefix(ID)}"
    return f"/ns/{iri.removeprefix(EVG)}" if iri.startswith(EVG) else "/ns" if iri == ONTOLOGY else None


def iri_of(path: str) -> str:
    """Return the IRI that a path without its first slash is the document of."""
    if path == "ns":
        return ONTOLOGY
    return f"{EVG}{path.removeprefix('ns/')}" if path.startswith("ns/") else f"{ID}{path}"


def square_name(cell: str) -> str:
    """Return the name of a cell for people: ``Drug E4`` for ``drug-E4`` or its IRI."""
    matrix, _, square = cell.removeprefix(f"{ID}cell/").partition("-")
    return f"{matrix.capitalize()} {square}" if square else cell


@lru_cache(10_000)
def anchor(iri: str) -> str:
    """Return the identifier of an entry, a section or a reference on the page of its cell: ``entry-timko-2007``."""
    kind, _, rest = iri.removeprefix(ID).partition("/")
    return "-".join((kind, *rest.split("/")[1:]))


@lru_cache(10_000)
def href(iri: str) -> str:
    """Return where a link to a thing leads: the page about it, or its place on the page of its cell; else the IRI.

    An IRI outside evgraph that a browser must not follow, such as ``javascript:…``, gives an empty text.
    """
    kind, _, rest = iri.removeprefix(ID).partition("/") if iri.startswith(ID) else ("", "", "")
    if kind in _PARTS and "/" in rest:
        return quote(f"/cell/{rest.partition('/')[0]}", safe=SAFE) + f"#{quote(anchor(iri), safe=SAFE)}"
    path = address_of(iri)
    if path is not None:
        return quote(path, safe=SAFE)
    return iri if iri.startswith(("https://", "http://")) else ""
