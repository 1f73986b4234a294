"""A cell as its page was: header, introduction, entries, commentary, hot topics, and what refers to it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from evgraph.namespaces import ID, MATRICES, cell_name
from evgraph.site.addresses import address_of, anchor, href
from evgraph.site.cards import PER_PAGE, Builder, Card
from evgraph.site.citing import cited
from evgraph.site.heads import thing_head
from evgraph.site.listing import MARKERS, items_of, notation, pages_of, position_of, references_outside
from evgraph.site.page import Crumb
from evgraph.site.references import Placed, References, Sentence
from evgraph.site.selection import Selection, read_selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.site.listing import Item
    from evgraph.site.page import Page, Parameters, Site
    from evgraph.site.sources import Place

_SECTIONS = 1 << 20  # Sections come after all entries.
_COMMENTARY = "commentary"
_MOST_REFERRING = 50


class Version(NamedTuple):
    """A version of the page of a cell: IRI, address of its page here, hash; date and source where these are known."""

    iri: str
    address: str
    hash: str
    date: str
    source: str


class Marked(NamedTuple):
    """A marker in the legend: how many entries have it, whether it is chosen, and the address that changes that."""

    letter: str
    name: str
    entries: int
    is_chosen: bool
    address: str


class Group(NamedTuple):
    """Entries that follow each other with the same first marker."""

    letter: str
    name: str
    cards: list[Card]


def cell(site: Site, parameters: Parameters, name: str) -> Page | None:
    """Show a cell; None where the graph has nothing about it."""
    reader, iri = site.reader, f"{ID}cell/{name}"
    items = items_of(site.store, name)
    versions = _versions(site, iri)
    if not items and not versions and not reader.knows(iri) and name not in references_outside(site.store):
        return None
    selection = read_selection(parameters)
    chosen = selection.of(items)
    sections = _sections(site, iri)
    number, shown, placed = _place(site, name, parameters, selection, items, chosen, sections)
    references = References(site, name, placed)
    builder = Builder(site, references)
    intro = [section for section in sections if _role(site, section) == "intro"]
    parts = [section for section in sections if section not in intro]
    references.sources.look_up([item.entry for item in shown] + sections)
    title = (versions and reader.label(versions[0].iri)) or reader.label(iri)
    matrix, _, square = name.partition("-")
    return site.page(
        "cell",
        title=title,
        address=selection.address(f"/cell/{name}", page=number if number > 1 else ""),
        trail=_trail(site, iri, matrix),
        canonical=f"/cell/{name}",
        formats=(".ttl", ".jsonld", ".nt", ".rdf"),
        thing=iri,
        cite=cited(site, iri),
        **thing_head(site, iri, "CreativeWork", isPartOf=matrix in MATRICES and {"@id": f"{ID}matrix/{matrix}"}),
        version=versions[0].hash if versions else "",
        behind=f"cell-contents?{urlencode({'cell': f'{matrix}:{square}'})}" if items and square else "",
        iri=iri,
        name=name,
        square=square or name,
        versions=versions,
        support=_support(site, versions),
        intro=[builder.part(section) for section in intro],
        selection=selection,
        chips=selection.chips(reader, f"/cell/{name}"),
        legend=_legend(name, items, selection),
        total=len(items),
        chosen=len(chosen),
        groups=_groups(builder, shown),
        elsewhere=[
            (anchor(item.entry), address, reader.value(item.entry, "schema:headline") or reader.label(item.entry))
            for item in chosen
            if item not in shown and (address := placed.addresses[item.entry])
        ],
        number=number,
        count=max(1, -(-len(chosen) // PER_PAGE)),
        parts=[builder.part(section) for section in parts],
        searches=[sentence for sentence in references.of(iri) if sentence.verb == "Search"],
        topics=reader.labels(reader.values(iri, "dcterms:subject")),
        referring=_referring(site, references, name, sections, items),
        most=_MOST_REFERRING,
        sister=_sister(site, matrix, square),
        level=reader.label(level) if (level := reader.value(iri, "evg:level")) else "",
        kind=reader.label(kind) if (kind := reader.value(iri, "evg:interventionType")) else "",
        has_text=references.sources.has_text,
        arcs=builder.arcs(shown),
        length=_covered([place for section in parts for place in builder.extent(section).places]),
    )


def _place(
    site: Site,
    name: str,
    parameters: Parameters,
    selection: Selection,
    items: Sequence[Item],
    chosen: Sequence[Item],
    sections: Sequence[str],
) -> tuple[int, list[Item], Placed]:
    """Return the number of the page, the entries on it, and where all entries and sections are."""
    from evgraph.site.home import page_number

    number, _ = page_number(parameters, len(chosen), PER_PAGE)
    path, addresses = f"/cell/{name}", dict[str, str]()
    for place, item in enumerate(items):
        page = place // PER_PAGE + 1
        addresses[item.entry] = f"{Selection().address(path, page=page if page > 1 else '')}#{anchor(item.entry)}"
    for place, item in enumerate(chosen):
        page = place // PER_PAGE + 1
        base = "" if page == number else selection.address(path, page=page if page > 1 else "")
        addresses[item.entry] = f"{base}#{anchor(item.entry)}"
    order = {item.entry: place for place, item in enumerate(items)}
    for section in sections:
        is_intro = _role(site, section) == "intro"
        order[section] = -1 if is_intro else _SECTIONS + position_of(site.reader.values(section, "schema:position"))
        addresses[section] = f"#{anchor(section)}"
    addresses[f"{ID}commentary/{name}"] = f"#{_COMMENTARY}"
    return number, list(chosen[(number - 1) * PER_PAGE : number * PER_PAGE]), Placed(order, addresses)


def _sections(site: Site, iri: str) -> list[str]:
    reader = site.reader
    found = [section for section in reader.subjects("evg:ofCell", iri) if section.startswith(f"{ID}section/")]
    return sorted(found, key=lambda section: (position_of(reader.values(section, "schema:position")), section))


def _role(site: Site, section: str) -> str:
    return notation(site.reader.value(section, "evg:sectionRole"), "section-role")


def _versions(site: Site, iri: str) -> list[Version]:
    """Return the versions of the page of a cell, the newest first."""
    reader = site.reader
    found = [
        Version(
            snapshot,
            quote(address_of(snapshot) or ""),
            snapshot.rpartition("/")[2],
            reader.value(snapshot, "dcterms:date"),
            reader.value(snapshot, "dcterms:source"),
        )
        for snapshot in reader.subjects("prov:specializationOf", iri)
    ]
    return sorted(found, key=lambda version: (version.date, version.iri), reverse=True)


def _support(site: Site, versions: Sequence[Version]) -> list[tuple[str, dict[str, str]]]:
    """Return role → organisations with their names, of the newest version."""
    reader = site.reader
    by_role: dict[str, list[str]] = {}
    for support in reader.values(versions[0].iri, "evg:support") if versions else ():
        role = reader.value(support, "evg:supportRole")
        name = reader.value(role, "skos:altLabel") or (reader.label(role) if role else "Support")
        by_role.setdefault(name, []).extend(reader.values(support, "evg:supporter"))
    return [(name, reader.labels(who)) for name, who in sorted(by_role.items(), key=lambda pair: pair[0].casefold())]


def _legend(name: str, items: Sequence[Item], selection: Selection) -> list[Marked]:
    counts = Counter(letter for item in items for letter in item.markers)
    chosen = selection.chosen("marker")
    return [
        Marked(
            letter, full, counts[letter], letter in chosen, selection.toggled("marker", letter).address(f"/cell/{name}")
        )
        for letter, full in MARKERS.items()
    ]


def _groups(builder: Builder, items: Sequence[Item]) -> list[Group]:
    groups: list[Group] = []
    for item in items:
        letter = item.markers[0] if item.markers else ""
        if not groups or groups[-1].letter != letter:
            groups.append(Group(letter, MARKERS.get(letter, "Without a marker"), []))
        groups[-1].cards.append(builder.card(item))
    return groups


def _referring(
    site: Site, references: References, name: str, sections: Sequence[str], items: Sequence[Item]
) -> list[Sentence]:
    """Return what the pages of other cells say of this one, its commentary, its entries."""
    reader, iri = site.reader, f"{ID}cell/{name}"
    targets = [iri, f"{ID}commentary/{name}", *sections, *(item.entry for item in items)]
    found = {reference: target for target in targets for reference in reader.subjects("evg:target", target)}
    if name not in pages_of(site.store):
        found |= dict.fromkeys(references_outside(site.store).get(name, ()), iri)
    of_others = [
        references.incoming(reference, source, target)
        for reference, target in sorted(found.items())
        for source in reader.values(reference, "evg:source")
        if source != iri and source.removeprefix(ID).split("/")[1:2] != [name]
    ]
    return [sentence._replace(verb=sentence.verb.removeprefix("Is ").capitalize()) for sentence in of_others]


def _covered(places: Sequence[Place]) -> int:
    """Count the characters in passages; those in several of them once."""
    count, end = 0, ("", 0)
    for place in sorted(places, key=lambda place: (place.cell, place.start)):
        start = max(place.start, end[1]) if place.cell == end[0] else place.start
        count += max(0, place.end - start)
        end = (place.cell, max(place.end, start))
    return count


def _trail(site: Site, iri: str, matrix: str) -> list[Crumb]:
    if matrix not in MATRICES:
        return []
    level = site.reader.value(iri, "evg:level")
    crumbs = [Crumb(f"{matrix.capitalize()} Matrix", f"/matrix/{matrix}")]
    if level:
        crumbs.append(Crumb(f"Level {notation(level, 'level')} {site.reader.label(level)}", href(level)))
    return crumbs


def _sister(site: Site, matrix: str, square: str) -> tuple[str, str, bool] | None:
    """Return the cell at the same place in the other matrix: its name, its title, and whether its page was read."""
    if matrix not in MATRICES or not cell_name(square):
        return None
    other = next(name for name in MATRICES if name != matrix)
    name = f"{other}-{square}"
    return name, site.reader.label(f"{ID}cell/{name}"), name in pages_of(site.store)
