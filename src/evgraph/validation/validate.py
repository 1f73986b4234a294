"""Data against shapes, with what a judge leaves unsaid said.

Shapes are compiled to SELECTs; what cannot be said so goes to pySHACL. Neither may pass in silence where nothing was
there to judge.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from evgraph import offline, shipped_files
from evgraph.errors import NothingCheckedError, UnreadableError
from evgraph.namespaces import EVG, RDF, curie
from evgraph.rdf.files import DataFile, always_loaded, find, report_all_broken
from evgraph.shacl import pyshacl_adapter as reference
from evgraph.shacl import pyshacl_process as apart
from evgraph.shacl import selects
from evgraph.shacl.compile import Compiled, compile_shapes
from evgraph.shacl.findings import counted
from evgraph.shacl.query_guard import refuse_queries_elsewhere
from evgraph.shacl.shapes_graph import ShapesGraph, plain, triples
from evgraph.shacl.targets import Targets, any_in
from evgraph.store.select import select
from evgraph.text import summarize_names
from evgraph.validation import check
from evgraph.validation.loaded import Loaded
from evgraph.validation.notices import notices
from evgraph.validation.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evgraph.validation.check import Check


def our_shapes() -> list[DataFile]:
    """Find evgraph's own shapes."""
    return find([shipped_files.ontology() / "shapes"])


def judge(
    data: Sequence[DataFile],
    shapes: Sequence[DataFile],
    *,
    engine: Literal["auto", "pyshacl"] = "auto",
    checks: Sequence[Check] = (),
    named: Mapping[str, Sequence[DataFile]] = MappingProxyType({}),
    longest: float | None = None,
) -> Report:
    """Judge data by shapes and checks; the ontology, the concept schemes and the matrices stand beside it.

    Args:
        data: the user's files. Only nodes that they describe, or that nothing describes, are reported.
        shapes: SHACL shapes, such as `our_shapes`.
        engine: ``auto`` compiles to SELECTs what can be; a notice names each shape that was left to pySHACL.
            ``pyshacl`` leaves all to it.
        checks: such as `evgraph.validation.checks.our_checks`.
        named: the files by the path that the user named; of several, one with nothing to judge is told.
        longest: seconds for what pySHACL judges, which is then done in a process of its own; None for no limit.

    Raises:
        LimitReachedError: pySHACL took longer.
        UnreadableError: a file is not well-formed, or nobody can work with the shapes.
        NothingCheckedError: no node of the user's files was judged.

    """
    given = {_whereabouts(file) for file in data}
    beside = [file for file in always_loaded() if _whereabouts(file) not in given]
    with report_all_broken([*data, *shapes]):
        loaded = Loaded(data, beside)
        rules = ShapesGraph(shapes)
    for there, what in ((not loaded.empty, "triple in the data"), (bool(rules), "shape in the shapes")):
        if not there:
            raise NothingCheckedError(f"nothing was checked: there is no {what}", hint="name a file that holds some")
    _all_there(rules, shapes)
    refuse_queries_elsewhere(rules, shapes)
    by_reference = engine == "pyshacl"
    compiled = Compiled() if by_reference else compile_shapes(rules, loaded.subclasses, loaded.written)
    left = rules.roots if by_reference else list(compiled.left)
    targets = Targets(loaded, rules)
    if not targets.count:
        looked_for = summarize_names(curie(cls) for cls in targets.classes)
        reasons = [one.message for one in notices((), rules, {}, set(_defined()))]
        raise NothingCheckedError(
            "nothing was checked: the shapes have no target in the data",
            hint="; ".join([f"they look for {looked_for or 'no class'}", *reasons[:3]]),
        )
    found = offline.call(lambda: list(selects.findings_of(loaded, compiled.rules, rules)))
    if left:
        if longest is None:
            found += offline.call(lambda: reference.findings_of(data, beside, shapes, rules, left))
        else:
            found += apart.findings_within(longest, data, beside, shapes, rules, left)
    if checks:
        loaded.forget_forms()
        found += check.findings_of(loaded.store, checks)
    own = (one for one in counted(found) if one.focus not in loaded.elsewhere)
    findings = [replace(one, label=plain(loaded.names(one.focus))) for one in own]
    told = notices(
        _terms(loaded),
        rules,
        targets.classes,
        set(_defined()),
        left=compiled.left,
        empty=[file.path for file in data if next(file.parsed(), None) is None],
        idle_paths=[path for path, files in named.items() if len(named) > 1 and not any_in(files, loaded, rules)],
    )
    return Report(
        findings=tuple(sorted(findings, key=lambda finding: finding.order)),
        notices=tuple(sorted(told)),
        checked=tuple(sorted((cls, count) for cls, count in targets.classes.items() if count)),
        focus_count=targets.count,
    )


def _all_there(rules: ShapesGraph, files: Sequence[DataFile]) -> None:
    """Refuse shapes that refer to others which are not there: one could take them for shapes without demands."""
    missing = rules.missing()
    if missing:
        raise UnreadableError(
            f"these shapes refer to shapes that are not there: {summarize_names(missing)}",
            path=summarize_names(file.path for file in files),
            hint="add the file that holds them, or mend the names",
        )


def _terms(data: Loaded) -> set[str]:
    """Find every property and every class that is used, and every property that is claimed."""
    found: set[str] = set()
    for pattern in ("?s ?term ?o", f"?s <{RDF}type> ?term", f"?s <{RDF}predicate> ?term"):
        rows = select(data.store, f"SELECT DISTINCT ?term WHERE {{ {pattern} }}")
        found.update(term.value for (term,) in rows if isinstance(term, ox.NamedNode))
    return found


def _defined() -> Iterator[str]:
    for subject, _, _ in triples(find([shipped_files.ontology() / "evgraph.ttl"]), "o"):
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(EVG):
            yield subject.value


def _whereabouts(file: DataFile) -> str:
    return file.path if file.body is not None else str(FilePath(file.path).resolve())
