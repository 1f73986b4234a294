"""How long evgraph takes to judge one changed cell of a graph kept on disk, against judging all of it.

Usage: python bench/changed.py [TRIPLES]

The graph is invented: cells with entries, documents, passages and references, in the form that ingest writes, and some
faults. It is built into a store on disk (`evgraph load --store`); then all of it is judged by evgraph's own shapes and
checks, and then one cell's file with ``--changed``. The findings of the second are those of the first that are about
what the change can break.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.namespaces import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRIES = 20  # Of a cell.
OF_ENTRY = 26  # Triples, about.
YEAR = 2026
TURTLE = (
    "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + f"@base <{PREFIXES['doc'][:-4]}> .\n"
)


def cell(number: int, cells: int) -> Iterator[str]:
    """Write one cell's graph."""
    name = f"drug-X{number}"
    snapshot = f"<snapshot/{name}/{number:016x}>"
    yield TURTLE
    yield f"<graph/{name}> a void:Dataset ; prov:wasDerivedFrom {snapshot} .\n"
    yield f"cell:{name} a evg:Cell ; evg:inMatrix <matrix/drug> ; evg:level level:E ;"
    yield f' evg:interventionType drug-type:4 ; rdfs:label "Cell {number}"@en ; skos:notation "E4" .\n'
    yield f'{snapshot} a evg:CellSnapshot ; prov:specializationOf cell:{name} ; rdfs:label "Text {number}"@en ;'
    yield f' evg:sha256 "{number:064x}" .\n'
    for n in range(ENTRIES):
        key = number * ENTRIES + n
        document, passage = f"doc:u-{key:012x}", f"<passage/{number:016x}/{n * 10}-{n * 10 + 9}>"
        other = f"doc:u-{(key + 7 * ENTRIES) % (cells * ENTRIES):012x}"
        year = 1970 + key % 50
        entry, reference = f"<entry/{name}/u-{key:012x}>", f"<ref/{name}/u-{key:012x}/see-also-1>"
        yield f"{passage} a evg:Passage ; oa:hasSource {snapshot} ; oa:start {n * 10} ; oa:end {n * 10 + 9} ;"
        yield f" evg:line {n + 1} .\n"
        yield f"{entry} a evg:Entry ; evg:inCell cell:{name} ; evg:marker marker:{'SK'[n % 2]} ;"
        yield f" schema:position {n + 1} ; evg:lists {document} ; evg:statedIn {passage} ;"
        yield f' schema:headline "What was found in trial {key}"@en ; evg:statedDate "{year}" .\n'
        label = "" if key % 997 == 0 else f' ; rdfs:label "Trial {key} ({year})"@en'  # A fault now and then.
        yield f"{document} a evg:Document , evg:Study ; evg:seeAlso {other} ;"
        yield f' dcterms:issued "{year}"^^xsd:gYear{label} .\n'
        yield f"{reference} a evg:Reference , evg:Claim ; evg:referenceKind reference-kind:see-also ;"
        yield f" evg:resolution resolution:resolved ; evg:source {entry} ; evg:target {other} ;"
        yield f" evg:statedIn {passage} ; prov:wasAttributedTo {snapshot} ; rdf:subject {document} ;"
        yield f" rdf:predicate evg:seeAlso ; rdf:object {other} .\n"


def main() -> None:
    """Print a row a way to judge."""
    from evgraph.integrity.changes.changed import in_files
    from evgraph.integrity.checking.checks import our_checks
    from evgraph.integrity.judging.judge import our_shapes
    from evgraph.integrity.judging.remote import judge_store
    from evgraph.store.disk import DiskStore, build
    from evgraph.store.files import find

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("triples", nargs="?", type=int, default=1_000_000)
    triples = parser.parse_args().triples
    cells = max(triples // (ENTRIES * OF_ENTRY), 10)
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number in range(cells):
            path = Path(folder) / f"drug-X{number}.ttl"
            path.write_text("".join(cell(number, cells)), encoding="utf-8")
            files.append(path)
        built = build(Path(folder) / "store", find(files))
        print(f"{built.quads} triples in {built.graphs} graphs")
        print(f"{'judged':12} {'seconds':>8} {'of all':>7} {'things':>8} {'findings':>9}")
        whole = 0.0
        for name, changed in (("all", None), ("one cell", files[cells // 2])):
            start = time.perf_counter()
            store = DiskStore(Path(folder) / "store")
            changes = None if changed is None else in_files([changed])
            report = judge_store(store, our_shapes(), checks=our_checks(present=YEAR), changes=changes)
            seconds = time.perf_counter() - start
            whole = whole or seconds
            print(
                f"{name:12} {seconds:8.2f} {seconds / whole:7.3f} {report.focus_count:8} {len(report.findings):9}",
                flush=True,
            )
            for notice in report.notices:
                if notice.kind == "changed":
                    print(notice.message)


if __name__ == "__main__":
    main()
