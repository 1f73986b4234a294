"""How long evgraph takes to judge a graph, against pySHACL and against the same constraints written by hand as SELECTs.

Usage: python bench/validate.py [TRIPLES ...] [--pyshacl-up-to TRIPLES]

The graphs are invented: cells, entries, documents, passages and links, with as many faults of each kind as the table
says. Seconds are for loading and judging together, each time in a process of its own; by turns, and the best of five.
pySHACL has one turn.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
FAULTS = 20  # Of each kind.
TURNS = 5
PREFIXES = {
    "evg": "https://w3id.org/evgraph/ns#",
    "ex": "https://example.org/",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
TURTLE = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
SPARQL = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())

CLAIMED = "$this evg:correspondsTo ?value . FILTER NOT EXISTS { ?c rdf:subject $this ; rdf:predicate evg:correspondsTo ; rdf:object ?value }"  # noqa: E501
SAME = "$this evg:lists ?value . ?other evg:lists ?value ; evg:inCell ?cell . $this evg:inCell ?cell . FILTER(STR(?other) < STR($this))"  # noqa: E501
SHAPES = f"""{TURTLE}
ex: sh:declare [ sh:prefix "evg" ; sh:namespace "{PREFIXES["evg"]}"^^xsd:anyURI ] .
ex:Entry a sh:NodeShape ; sh:targetClass evg:Entry ; sh:property
    [ sh:path evg:inCell ; sh:minCount 1 ] , [ sh:path evg:inCell ; sh:maxCount 1 ] ,
    [ sh:path evg:inCell ; sh:class evg:Cell ] , [ sh:path schema:headline ; sh:minLength 1 ] ,
    [ sh:path schema:position ; sh:datatype xsd:integer ] , [ sh:path schema:position ; sh:minInclusive 1 ] ,
    [ sh:path evg:lists ; sh:minCount 1 ] , [ sh:path evg:lists ; sh:nodeKind sh:IRI ] ,
    [ sh:path evg:marker ; sh:in ( ex:S ex:K ex:R ex:G ) ] ;
    sh:sparql [ sh:prefixes ex: ; sh:select "SELECT $this ?value WHERE {{ {SAME} }}" ] .
ex:Document a sh:NodeShape ; sh:targetClass evg:Document ; sh:property
    [ sh:path rdfs:label ; sh:minCount 1 ] , [ sh:path rdfs:label ; sh:uniqueLang true ] ,
    [ sh:path dcterms:issued ; sh:datatype xsd:gYear ] , [ sh:path dcterms:identifier ; sh:pattern "^10[.][0-9]+/" ] ,
    [ sh:path evg:correspondsTo ; sh:class evg:Document ] ;
    sh:sparql [ sh:prefixes ex: , rdf: ; sh:select "SELECT $this ?value WHERE {{ {CLAIMED} }}" ] .
"""
# What is wrong → which statements of entry or document number n lack, which stand there too, and the pattern by hand.
_ENTRY = "?this a evg:Entry ."
_DOCUMENT = "?this a evg:Document ."
KINDS: dict[str, tuple[str, str, str]] = {
    "no cell": ("inCell", "", f"{_ENTRY} FILTER NOT EXISTS {{ ?this evg:inCell ?x }}"),
    "two cells": ("", "ex:e{n} evg:inCell ex:cell-other .",
                  f"{_ENTRY} ?this evg:inCell ?x, ?y FILTER(STR(?x) < STR(?y))"),
    "cell of no class": ("inCell", "ex:e{n} evg:inCell ex:nowhere .",
                         f"{_ENTRY} ?this evg:inCell ?value FILTER NOT EXISTS {{ ?value a evg:Cell }}"),
    "empty headline": ("headline", 'ex:e{n} schema:headline "" .',
                       f"{_ENTRY} ?this schema:headline ?value FILTER(STRLEN(STR(?value)) < 1)"),
    "position of text": ("position", 'ex:e{n} schema:position "2"^^xsd:decimal .',
                         f"{_ENTRY} ?this schema:position ?value FILTER(DATATYPE(?value) != xsd:integer)"),
    "position nought": ("position", "ex:e{n} schema:position 0 .",
                        f"{_ENTRY} ?this schema:position ?value FILTER(!(?value >= 1))"),
    "no document": ("lists", "", f"{_ENTRY} FILTER NOT EXISTS {{ ?this evg:lists ?x }}"),
    "document as text": ("lists", 'ex:e{n} evg:lists "d{n}" .',
                         f"{_ENTRY} ?this evg:lists ?value FILTER(!isIRI(?value))"),
    "unknown marker": ("marker", "ex:e{n} evg:marker ex:X .",
                       f"{_ENTRY} ?this evg:marker ?value FILTER(?value NOT IN (ex:S, ex:K, ex:R, ex:G))"),
    "listed twice": ("", "", f"{_ENTRY} {SAME}"),
    "no label": ("label", "", f"{_DOCUMENT} FILTER NOT EXISTS {{ ?this rdfs:label ?x }}"),
    "two labels": ("", 'ex:d{n} rdfs:label "Another {n}"@en .',
                   f"{_DOCUMENT} ?this rdfs:label ?x, ?y FILTER(LANG(?x) = LANG(?y) && STR(?x) < STR(?y))"),
    "ill-formed year": ("issued", 'ex:d{n} dcterms:issued "20x5"^^xsd:gYear .',
                        f"{_DOCUMENT} ?this dcterms:issued ?value FILTER(DATATYPE(?value) != xsd:gYear || "
                        "!REGEX(STR(?value), '^-?[0-9]{4,}(Z|[+-][0-9:]+)?$'))"),
    "identifier": ("identifier", 'ex:d{n} dcterms:identifier "doi:{n}" .',
                   f"{_DOCUMENT} ?this dcterms:identifier ?value FILTER(!REGEX(STR(?value), '^10[.][0-9]+/'))"),
    "no claim": ("claim", "", f"{_DOCUMENT} ?this evg:correspondsTo ?value MINUS {{ ?c rdf:subject ?this ; "
                 "rdf:predicate evg:correspondsTo ; rdf:object ?value }"),
    "corresponds to no document": (
        "", "ex:d{n} evg:correspondsTo ex:cell0 . ex:cc{n} rdf:subject ex:d{n} ; "
        "rdf:predicate evg:correspondsTo ; rdf:object ex:cell0 .",
        f"{_DOCUMENT} ?this evg:correspondsTo ?value FILTER NOT EXISTS {{ ?value a evg:Document }}"),
}  # fmt: skip
PER_ENTRY = 20


def statements(triples: int) -> Iterator[str]:
    """Write a graph of about so many triples, with ``FAULTS`` faults of each kind, spread over it."""
    entries = max(triples // PER_ENTRY, len(KINDS) * FAULTS * 2)
    names = list(KINDS)
    step = entries // (len(KINDS) * FAULTS)
    yield TURTLE
    for cell in (*range(entries // 25 + 1), "-other"):
        yield f'ex:cell{cell} a evg:Cell ; rdfs:label "Cell {cell}"@en .\n'
    for n in range(entries):
        kind = names[n // step % len(names)] if n % step == 0 and n // step < len(KINDS) * FAULTS else ""
        without, instead, _ = KINDS.get(kind, ("", "", ""))
        document = n - 1 if kind == "listed twice" else n
        parts = {
            "inCell": f"ex:e{n} evg:inCell ex:cell{n // 25} .",
            "headline": f'ex:e{n} schema:headline "What was found in trial {n}"@en .',
            "position": f"ex:e{n} schema:position {n % 25 + 1} .",
            "lists": f"ex:e{n} evg:lists ex:d{document} .",
            "marker": f"ex:e{n} evg:marker ex:{'SKRG'[n % 4]} .",
            "label": f'ex:d{n} rdfs:label "Author {n} ({1970 + n % 50})"@en .',
            "issued": f'ex:d{n} dcterms:issued "{1970 + n % 50}"^^xsd:gYear .',
            "identifier": f'ex:d{n} dcterms:identifier "10.1000/{n}" .',
            "claim": f"ex:c{n} a evg:Claim ; rdf:subject ex:d{n} ; rdf:predicate evg:correspondsTo ; "
            f"rdf:object ex:d{(n + 7) % entries} .",
        }
        if kind == "listed twice":
            parts["inCell"] = f"ex:e{n} evg:inCell ex:cell{(n - 1) // 25} ."
        parts.pop(without, None)
        yield f'ex:e{n} a evg:Entry ; evg:statedIn ex:p{n} ; evg:statedDate "{1970 + n % 50}" .\n'
        yield f"ex:d{n} a evg:Document ; evg:correspondsTo ex:d{(n + 7) % entries} .\n"
        yield f"ex:p{n} a evg:Passage ; evg:line {n} .\n"
        yield " ".join([*parts.values(), instead.format(n=n)]) + "\n"


def evgraph(data: Path, shapes: Path, engine: str) -> tuple[int, float]:
    """Judge by evgraph: findings, seconds."""
    from evgraph.rdf.files import find
    from evgraph.validation.validate import validate_files

    start = time.perf_counter()
    report = validate_files(find([data]), find([shapes]), engine="pyshacl" if engine == "pyshacl" else "auto")
    seconds = time.perf_counter() - start
    return len({(str(one.focus), str(one.source_shape), one.component) for one in report.findings}), seconds


def by_hand(data: Path) -> tuple[int, float]:
    """Judge by the SELECTs of `KINDS`: findings, seconds."""
    import pyoxigraph as ox

    start = time.perf_counter()
    store = ox.Store()
    store.load(path=data, format=ox.RdfFormat.TURTLE)
    found = 0
    for name, (_, _, where) in KINDS.items():
        answer = store.query(f"{SPARQL} SELECT DISTINCT ?this WHERE {{ {where} }}")
        assert isinstance(answer, ox.QuerySolutions), name  # noqa: S101 - a SELECT gives solutions
        found += len(list(answer))
    return found, time.perf_counter() - start


def run(judge: str, data: Path, shapes: Path) -> tuple[int, float]:
    """Have a process of its own judge."""
    command = [sys.executable, __file__, "--judge", judge, str(data), str(shapes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    found, seconds = done.stdout.split()[-2:]
    return int(found), float(seconds)


def main() -> None:
    """Print a row a judge and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", help="triples; 10000 100000 by default")
    parser.add_argument("--pyshacl-up-to", type=int, default=10_000)
    parser.add_argument("--judge", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.judge:
        data, shapes = (Path(one) for one in given.sizes)
        found, seconds = by_hand(data) if given.judge == "by hand" else evgraph(data, shapes, given.judge)
        print(found, seconds)
        return
    print(f"{'triples':>9} {'judge':10} {'seconds':>8} {'to hand':>8} {'faults planted':>15} {'found':>6}")
    with tempfile.TemporaryDirectory() as folder:
        data, shapes = Path(folder) / "data.ttl", Path(folder) / "shapes.ttl"
        shapes.write_text(SHAPES, encoding="utf-8")
        for size in [int(one) for one in given.sizes] or [10_000, 100_000]:
            data.write_text("".join(statements(size)), encoding="utf-8")
            judges = ["by hand", "evgraph"]
            turns = [run(name, data, shapes) for _ in range(TURNS) for name in judges]
            best = {name: min(turns[i :: len(judges)], key=lambda turn: turn[1]) for i, name in enumerate(judges)}
            if size <= given.pyshacl_up_to:
                best["pyshacl"] = run("pyshacl", data, shapes)
            for name, (found, seconds) in best.items():
                ratio = seconds / best["by hand"][1]
                planted = len(KINDS) * FAULTS
                print(f"{size:9} {name:10} {seconds:8.2f} {ratio:8.2f} {planted:15} {found:6}", flush=True)


if __name__ == "__main__":
    main()
