"""Instead of the search of the server: a list by letter, and an index that a script searches in the browser."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import ID, MATRICES, curie
from evgraph.query.search_index import SEPARATOR, open_index
from evgraph.site.addresses import address_of, href, square_name
from evgraph.site.page import Crumb
from evgraph.text import plain

if TYPE_CHECKING:
    from evgraph.site.page import Page, Site

_FOUND = "SELECT iri, kind, label, cells, year, creator, identifier, publisher, abstract FROM texts ORDER BY iri"
_NAMED = {"entry", "section", "recommendation"}  # They are found by search; a list by letter has what has a name.
_OTHER = "0"


class Named(NamedTuple):
    """Something in the list by letter."""

    name: str
    address: str
    kind: str


def letters(site: Site) -> dict[str, list[Named]]:
    """Return letter → the documents, organisations and topics whose names begin with it; ``0``: with another sign."""

    def read() -> dict[str, list[Named]]:
        found = [
            Named(label.split(SEPARATOR)[0] or curie(iri), href(iri), kind)
            for iri, kind, label, *_ in open_index(site.store).fetch(_FOUND)
            if kind not in _NAMED and address_of(iri)
        ]
        for kind, iris in (
            ("organisation", site.reader.subjects("rdf:type", "https://schema.org/Organization")),
            ("hot topic", site.reader.subjects("skos:inScheme", f"{ID}scheme/topic")),
        ):
            found += [
                Named(label, href(iri), kind) for iri, label in site.reader.labels(iris).items() if address_of(iri)
            ]
        found.sort(key=lambda named: (_letter(named.name), plain(named.name).casefold(), named.address))
        return {letter: list(members) for letter, members in groupby(found, lambda named: _letter(named.name))}

    return site.store.recall("site letters", read)


def _letter(name: str) -> str:
    first = plain(name).casefold()[:1]
    return first if first.isascii() and first.isalpha() else _OTHER


def letter_page(site: Site, letter: str = "") -> Page:
    """List what begins with a letter; without one, the letters and the cells."""
    known = letters(site)
    cells = [(square_name(iri), href(iri)) for iri in _cells(site)]
    return site.page(
        "letters",
        title=f"{_shown(letter)} in the list by letter" if letter else "A to Z",
        address=f"/a-z/{letter}" if letter else "/a-z",
        trail=[Crumb("A to Z", "/a-z")] if letter else (),
        letters=[(_shown(initial), f"/a-z/{initial}", len(members)) for initial, members in known.items()],
        cells=[] if letter else cells,
        members=known.get(letter, []),
    )


def _shown(letter: str) -> str:
    return "Other signs" if letter == _OTHER else letter.upper()


def _cells(site: Site) -> list[str]:
    found = {cell for matrix in MATRICES for cell in site.reader.subjects("evg:inMatrix", f"{ID}matrix/{matrix}")}
    return sorted(found)


def search_index(site: Site) -> bytes:
    """Return what the script searches: a list of objects with title, address, kind, cells, year and further words."""
    things = [
        {
            "id": href(iri),
            "title": label.split(SEPARATOR)[0] or curie(iri),
            "kind": kind,
            "cells": cells,
            "year": year or "",
            "words": " ".join(dict.fromkeys(" ".join(more).replace(SEPARATOR, " ").split())),
        }
        for iri, kind, label, cells, year, *more in open_index(site.store).fetch(_FOUND)
        if address_of(iri)
    ]
    for members in letters(site).values():
        things += [
            {"id": named.address, "title": named.name, "kind": named.kind, "cells": "", "year": "", "words": ""}
            for named in members
            if named.kind in {"organisation", "hot topic"}
        ]
    things += [
        {"id": href(iri), "title": square_name(iri), "kind": "cell", "cells": "", "year": "", "words": ""}
        for iri in _cells(site)
    ]
    return f"{json.dumps(things, ensure_ascii=False, separators=(',', ':'))}\n".encode()
