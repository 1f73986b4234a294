"""A small graph with what the shipped one has not: a long cell, an empty page, two versions, words, folded text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from evgraph.namespaces import ID
from evgraph.rdf.files import DataFile, always_loaded, find
from evgraph.site import routes
from evgraph.site.page import Options, Page, Site
from evgraph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = f"""
@base <{ID}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix evg: <https://w3id.org/evgraph/ns#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_WORDS = "Elms grow. Oaks are discussed in the folded text. Elms fall."
_FIXED = f"""
<snapshot/drug-A1/aaaaaaaaaaaaaaaa> a evg:CellSnapshot ; prov:specializationOf <cell/drug-A1> .
<snapshot/drug-B1/bbbbbbbbbbbbbbbb> a evg:CellSnapshot ; prov:specializationOf <cell/drug-B1> .
<snapshot/alcohol-A1/cccccccccccccccc> a evg:CellSnapshot ; prov:specializationOf <cell/alcohol-A1> ;
  rdfs:label "Alcohol Matrix cell A1: older" ; dcterms:date "2025-03-01"^^xsd:date .
<snapshot/alcohol-A1/dddddddddddddddd> a evg:CellSnapshot ; prov:specializationOf <cell/alcohol-A1> ;
  rdfs:label "Alcohol Matrix cell A1: newer" ; dcterms:date "2026-10-09"^^xsd:date ;
  dcterms:source <https://example.org/a1> ; evg:support <support/alcohol-A1/dddddddddddddddd/fund-funded> .
<support/alcohol-A1/dddddddddddddddd/fund-funded> a evg:Support ;
  evg:supportRole <scheme/support-role/funded> ; evg:supporter <org/fund> .
<org/fund> a schema:Organization ; rdfs:label "The Fund" .
<cell/alcohol-A1> dcterms:subject <scheme/topic/elms> .
<scheme/topic/elms> a skos:Concept ; skos:inScheme <scheme/topic> ; skos:prefLabel "Elms"@en ;
  rdfs:seeAlso <https://example.org/elms>, <javascript:alert(1)> .

<entry/alcohol-A1/elm> a evg:Entry ; evg:inCell <cell/alcohol-A1> ; schema:position 1 ; schema:headline "About elms" ;
  evg:marker <scheme/marker/S>, <scheme/marker/G> ; evg:lists <doc/elm>, <doc/elm-2> ;
  evg:statedDate "2001" ; evg:statedPublisher "The Elm Press" ; evg:statedIn <passage/dddddddddddddddd/0-60> .
<doc/elm> a evg:Document, evg:Study, evg:Trial ; rdfs:label "Elm (2001)" ; dcterms:issued "2001"^^xsd:gYear ;
  evg:studyCountry <scheme/country/GB-SCT> .
<doc/elm-2> a evg:Document, evg:Guidance ; rdfs:label "Elm (2003)" ; dcterms:issued "2003"^^xsd:gYear ;
  evg:forCountry <scheme/country/US> .
<entry/alcohol-A1/oak> a evg:Entry ; evg:inCell <cell/alcohol-A1> ; schema:position 2 ; schema:headline "About oaks" ;
  evg:inferredMarker <scheme/marker/R> .
<passage/dddddddddddddddd/0-60> a evg:Passage ; oa:hasSource <snapshot/alcohol-A1/dddddddddddddddd> ;
  evg:line 3 ; oa:start 0 ; oa:end 60 ; oa:exact "{_WORDS}" .
<passage/dddddddddddddddd/11-49> a evg:Passage ; oa:hasSource <snapshot/alcohol-A1/dddddddddddddddd> ;
  evg:line 3 ; oa:start 11 ; oa:end 49 ; oa:exact "{_WORDS[11:49]}" .
<passage/dddddddddddddddd/70-90> a evg:Passage ; oa:hasSource <snapshot/alcohol-A1/dddddddddddddddd> ;
  evg:line 5 ; oa:start 70 ; oa:end 90 ; oa:exact "Folded words of oaks" .

<ref/alcohol-A1/elm/commentary-1> a evg:Reference ; evg:referenceKind <scheme/reference-kind/commentary> ;
  evg:resolution <scheme/resolution/resolved> ; evg:source <entry/alcohol-A1/elm> ;
  evg:target <section/alcohol-A1/supplement-1> ; evg:statedIn <passage/dddddddddddddddd/11-49> ;
  prov:wasAttributedTo <snapshot/alcohol-A1/dddddddddddddddd> .
<ref/alcohol-A1/elm/related-1> a evg:Reference ; evg:referenceKind <scheme/reference-kind/related> ;
  evg:resolution <scheme/resolution/ambiguous> ; evg:source <entry/alcohol-A1/elm> ; evg:direction
  <scheme/direction/below> ; evg:candidate <entry/alcohol-A1/oak>, <entry/drug-A1/e-60> .
<ref/alcohol-A1/trailer/search-1> a evg:Reference ; evg:referenceKind <scheme/reference-kind/search> ;
  evg:resolution <scheme/resolution/outside> ; evg:source <cell/alcohol-A1> ; evg:target <https://example.org/search> .
<commentary/alcohol-A1> a evg:Commentary ; evg:ofCell <cell/alcohol-A1> .
<section/alcohol-A1/about> a evg:Section ; evg:ofCell <cell/alcohol-A1> ; dcterms:isPartOf <commentary/alcohol-A1> ;
  evg:sectionRole <scheme/section-role/about> ; dcterms:title "What is this about?" ; schema:position 1 .
<section/alcohol-A1/supplement-1> a evg:Section ; evg:ofCell <cell/alcohol-A1> ;
  dcterms:isPartOf <commentary/alcohol-A1> ; evg:sectionRole <scheme/section-role/supplement> ; schema:position 2 ;
  evg:statedIn <passage/dddddddddddddddd/70-90> .
<section/alcohol-A1/pull-quote-1> a evg:Section ; evg:ofCell <cell/alcohol-A1> ;
  dcterms:isPartOf <commentary/alcohol-A1> ; evg:sectionRole <scheme/section-role/pull-quote> ; schema:position 3 ;
  evg:statedIn <passage/dddddddddddddddd/11-49> .
"""


@cache
def turtle() -> str:
    """Return the graph in Turtle."""
    parts = [
        f"<entry/drug-A1/e-{number}> a evg:Entry ; evg:inCell <cell/drug-A1> ; schema:position {number} ;"
        f' schema:headline "Headline {number}" ; evg:marker <scheme/marker/{"K" if number <= 55 else "R"}> .\n'
        for number in range(1, 61)
    ]
    references = {"see-also-1": ("e-1", "entry/drug-A1/e-60", "see-also", "resolved")}
    references |= {f"cell-{n}": (f"e-{n}", "cell/drug-C1", "cell", "outside") for n in (1, 2, 3)}
    parts += [
        f"<ref/drug-A1/{source}/{name}> a evg:Reference ; evg:referenceKind <scheme/reference-kind/{kind}> ;"
        f" evg:resolution <scheme/resolution/{resolution}> ; evg:source <entry/drug-A1/{source}> ;"
        f" evg:target <{target}> .\n"
        for name, (source, target, kind, resolution) in references.items()
    ]
    return "".join([_HEAD, _FIXED, *parts])


def site_of(folder: Path, **options: Any) -> Site:
    """Return a site of the graph."""
    (folder / "features.ttl").write_text(turtle(), encoding="utf-8")
    store = EmbeddedStore()
    files: list[DataFile] = [*find([folder / "features.ttl"]), *always_loaded()]
    for file in files:
        store.load(file)
    return Site(store, Options(**options))


def page(site: Site, address: str) -> str:
    """Return the page at an address, or the text of a file."""
    written = written_at(site, address)
    assert written is not None
    return written.html


def written_at(site: Site, address: str) -> Page | None:
    """Return the text at an address; None if there is no page or file."""
    from urllib.parse import parse_qs, urlsplit

    parts = urlsplit(address)
    parameters = {name: tuple(values) for name, values in parse_qs(parts.query).items()}
    return routes.page(site, parts.path.removeprefix("/"), parameters)
