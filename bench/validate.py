"""Measure `evgraph validate` against the same constraints written by hand as SELECTs, and against pySHACL.

Usage: python bench/validate.py [TRIPLES ...] [--pyshacl-up-to TRIPLES] [--turns N]

The graphs are invented: cells, entries, documents, passages and links, with FAULTS faults of each kind of the table.
Each turn is a process from its start to its report: `evgraph validate DATA --shapes SHAPES --format json`, or a program
that imports pyoxigraph, loads the data and runs the SELECTs. They alternate, and the best turn of each counts; pySHACL
has one. "all" faults means the faults that were planted, and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FAULTS = 20  # Of each kind.
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
# What is wrong → which statements of entry or document number n lack, which are there too, and the pattern by hand.
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
SELECT = f"{SPARQL} SELECT DISTINCT ?this WHERE {{{{ {{where}} }}}}"
BY_HAND = """
import sys
import pyoxigraph as ox

store = ox.Store()
store.load(path=sys.argv[1], format=ox.RdfFormat.TURTLE)
with open(sys.argv[2], "w") as report:
    for select in {selects!r}:
        for solution in store.query(select):
            print(solution[0].value, file=report)
"""


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


class Turn(NamedTuple):
    """A run of a command: seconds of the clock and of the processor, and the focus node of each fault that it found."""

    wall: float
    processor: float
    found: Counter[str]


def run(command: list[str], report: Path) -> Turn:
    """Run a command that writes focus nodes to a file: as JSON report, or one a line."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(report.with_name("compiled"))  # As installing does.
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)
    text = report.read_text(encoding="utf-8")
    if text.startswith("{"):
        broken = {
            (finding["focus"], finding["source_shape"], finding["component"])
            for finding in json.loads(text)["findings"]
        }
        found = Counter(focus for focus, _, _ in broken)
    else:
        found = Counter(text.split())
    return Turn(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found)


def main() -> None:
    """Print a row for each size and validator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000], help="triples")
    parser.add_argument("--pyshacl-up-to", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    print(f"{'triples':>9} {'validator':10} {'seconds':>8} {'ratio':>6} {'processor':>10} {'ratio':>6} {'faults':>7}")
    with tempfile.TemporaryDirectory() as folder:
        data, shapes, program, report = (
            Path(folder) / name for name in ("data.ttl", "shapes.ttl", "hand.py", "report")
        )
        shapes.write_text(SHAPES, encoding="utf-8")
        program.write_text(BY_HAND.format(selects=[SELECT.format(where=where) for _, _, where in KINDS.values()]))
        validate = [sys.executable, "-m", "evgraph", "validate", str(data), "--shapes", str(shapes)]
        validate += ["--format", "json", "-o", str(report)]
        commands = {"by hand": [sys.executable, str(program), str(data), str(report)], "evgraph": validate}
        for size in options.sizes:
            data.write_text("".join(statements(size)), encoding="utf-8")
            turns = {name: [run(command, report)] for name, command in commands.items()}
            for _ in range(options.turns - 1):
                for name, command in commands.items():
                    turns[name].append(run(command, report))
            if size <= options.pyshacl_up_to:
                turns["pyshacl"] = [run([*validate, "--engine", "pyshacl"], report)]
            hand = turns["by hand"]
            planted = hand[0].found
            assert planted.total() == len(KINDS) * FAULTS, planted  # noqa: S101 - the graph is as the table says
            for name, own in turns.items():
                wall, processor = min(turn.wall for turn in own), min(turn.processor for turn in own)
                ratios = wall / min(turn.wall for turn in hand), processor / min(turn.processor for turn in hand)
                same = "all" if all(turn.found == planted for turn in own) else str(own[-1].found.total())
                print(
                    f"{size:9} {name:10} {wall:8.2f} {ratios[0]:6.2f} {processor:10.2f} {ratios[1]:6.2f} {same:>7}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
