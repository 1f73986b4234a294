"""Which things of a graph have other IRIs in a newer version of it, because a page or an identification changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import EVG, ID, SCHEMA
from evgraph.pages.matching import EntryFacts, match_entries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evgraph.export.version import Version

_UNIDENTIFIED = f"{ID}doc/u-"


def new_names(before: Version, after: Version) -> dict[str, str]:
    """Return old IRI → new IRI of entries, their documents and references, and of the snapshots of pages."""
    names: dict[str, str] = {}
    for cell, snapshot in before.snapshots.items():
        new = after.snapshots.get(cell, snapshot)
        if new != snapshot:
            names[snapshot] = new
    for cell, old_entries in before.entries.items():
        new_entries = after.entries.get(cell, [])
        places = {iri: place for place, iri in enumerate(old_entries)}
        known = {own: places[iri] for own, iri in enumerate(new_entries) if iri in places}
        facts = [_facts(iri, before) for iri in old_entries]
        for own, old in match_entries(facts, [_facts(iri, after) for iri in new_entries], known=known).items():
            names |= _names_of_entry(old_entries[old], new_entries[own], before, after)
    stems = {kind: _stems(names, f"{ID}{named}/") for kind, named in (("ref", "entry"), ("support", "snapshot"))}
    for iri in before.statements:
        kind, _, rest = iri.removeprefix(ID).partition("/")
        stem, _, last = rest.rpartition("/")
        if new_stem := stems.get(kind, {}).get(stem):
            names[iri] = f"{ID}{kind}/{new_stem}/{last}"
    return names


def _stems(names: Mapping[str, str], start: str) -> dict[str, str]:
    """Return what the names of a kind begin with in the IRIs that are made of them: old → new."""
    return {iri.removeprefix(start): new.removeprefix(start) for iri, new in names.items() if iri.startswith(start)}


def _names_of_entry(old: str, new: str, before: Version, after: Version) -> dict[str, str]:
    if old == new:
        return {}
    documents = [version.values(iri, f"{EVG}lists") for iri, version in ((old, before), (new, after))]
    (document, *more), (new_document, *others) = ((*iris, "") for iris in documents)
    pair = (document, new_document)
    if len(more) == len(others) == 1 and all(iri.startswith(_UNIDENTIFIED) for iri in pair):
        return {old: new, document: new_document}
    return {old: new}


def _facts(iri: str, version: Version) -> EntryFacts:
    return EntryFacts(
        headline=version.value(iri, f"{SCHEMA}headline"),
        date=version.value(iri, f"{EVG}statedDate"),
        publisher=version.value(iri, f"{EVG}statedPublisher"),
        markers=frozenset(version.values(iri, f"{EVG}marker")),
    )
