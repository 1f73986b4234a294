"""What a validation passes over in silence: shapes that judge nothing, terms that nobody defines, files not read.

A notice is no finding, unless the user is strict; then each kind is a rule.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.formats import FORMATS
from evgraph.namespaces import EVG, OWL, curie
from evgraph.namespaces import SH as SHACL
from evgraph.rdf.positions import first_uses
from evgraph.shacl import ineffective_shapes as idle
from evgraph.shacl.findings import Finding, Notice, Severity
from evgraph.spelling import nearest
from evgraph.text import summarize_names
from evgraph.validation import vocabularies
from evgraph.validation.check import IN_CODE, SHAPES
from evgraph.validation.locations import locate
from evgraph.validation.rule import Rule
from evgraph.validation.waivers import FILE_NAME as WAIVERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term
    from evgraph.validation.report import Report

_SOURCE = "src/evgraph/validation/notices.py"


def _rule(name: str, severity: Severity, wrong: str, why: str, mend: str) -> Rule:
    return Rule(name, severity, "notice", wrong, why, mend, _SOURCE)


RULES = (
    _rule(
        "undefined-term", Severity.VIOLATION, "A term lies in a vocabulary that does not define it.",
        "No question and no shape looks for a misspelt property or class, so what it says is lost without a word.",
        "Write the term that the vocabulary has.",
    ),
    _rule(
        "unknown-shacl-term", Severity.VIOLATION, "A shape uses a term that SHACL Core and SHACL-SPARQL do not have.",
        "It has no effect: a misspelt constraint lets everything pass.",
        "Write the term as the standard has it; of extensions, none is carried out.",
    ),
    _rule(
        "shape-without-target", Severity.VIOLATION, "A shape has no target, and no other shape uses it.",
        "It is never asked about anything.", "Give it a target (sh:targetClass …), or take it out.",
    ),
    _rule(
        "empty-shape", Severity.VIOLATION, "A shape demands nothing of what it targets.",
        "Whatever it targets passes.", "Give it the constraint that it was written for, or take it out.",
    ),
    _rule(
        "deactivated-shape", Severity.WARNING, "A shape is switched off.",
        "Nobody judges by it until someone remembers.", "Take sh:deactivated out, or the shape.",
    ),
    _rule(
        "import-not-followed", Severity.VIOLATION, "A file imports another that was not given.",
        "Shapes or data that it counts on are missing; evgraph fetches nothing by itself.",
        "Name the imported file too, as shapes or as data.",
    ),
    _rule(
        "entailment-not-supported", Severity.VIOLATION, "The shapes ask for inference.",
        "Nothing infers here, so nodes that only inference would find are not judged.",
        "State in the data what the shapes count on, and take sh:entailment out.",
    ),
    _rule(
        "unused-target", Severity.WARNING, "The data holds nothing of a class that shapes are for.",
        "Nothing of the kind was checked; where there should be some, a file or a type is missing.",
        "See whether all files were named and things carry the type (rdf:type) that the shape targets.",
    ),
    _rule(
        "path-without-target", Severity.VIOLATION, "Nothing that was named by one PATH is judged by any shape.",
        "One of several folders or files went through without being checked at all.",
        "See whether it is the right one, and whether its things carry types that the shapes target.",
    ),
    _rule(
        "empty-file", Severity.VIOLATION, "A data file holds no triple.",
        "It may have been cut off, or never been written.", "Write it again, or take it away.",
    ),
    _rule(
        "skipped-file", Severity.VIOLATION, "A file of a folder was not read, for its name has no known ending.",
        "If it holds data, none of that was checked.",
        "Give it the ending of its format (.ttl, .nt, .nq, .trig, .rdf, .jsonld), or move it elsewhere.",
    ),
    _rule(
        "not-judged", Severity.VIOLATION, "A rule was not judged, for the engine cannot be asked about it.",
        "Its faults, if there are any, were not looked for.",
        "Export the data and validate the files, where pySHACL judges what is no query.",
    ),
    _rule(
        "beside-missing", Severity.WARNING, "The store lacks terms, concepts or cells that evgraph brings along.",
        "Links to them look as if they led nowhere.", "Load them, too (an export with the ontology has them).",
    ),
    _rule(
        "lexical-forms", Severity.INFO, "Literals were judged as an engine gives them.",
        "What it has put right by itself cannot be found.", "Validate the files that were loaded, too.",
    ),
    _rule(
        "judged-by-pyshacl", Severity.INFO, "A shape cannot be said as a query, so pySHACL judged it.",
        "The judgement is the same, and much slower.", "Nothing needs to be done.",
    ),
)  # fmt: skip
"""The kinds of notices, as the rules that they are under ``--strict``."""

_BY_KIND = {rule.name: rule for rule in RULES}
_NO_DATA = {".md", ".rst", ".toml", ".license"}  # What people keep beside data.
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]+")


def notices(
    used: Iterable[str],
    shapes: ShapesGraph,
    classes: Mapping[str, int],
    defined: Collection[str],
    *,
    left: Mapping[Node, str] = MappingProxyType({}),
    empty: Iterable[str] = (),
    idle_paths: Iterable[str] = (),
) -> tuple[Notice, ...]:
    """Collect the notices of a validation, sorted.

    Args:
        used: the terms in the user's own data.
        shapes: the shapes it is judged by.
        classes: how many nodes of each target class were judged.
        defined: the terms that the ontology defines.
        left: the shapes that pySHACL judged → why.
        empty: files that hold nothing.
        idle_paths: paths that the user named whose files hold no node that a shape is for.

    """
    used = set(used)
    found = {
        Notice("unused-target", cls, f"the data holds no {curie(cls)}: nothing of the kind was checked")
        for cls, count in classes.items()
        if not count
    }
    found.update(_undefined(used, defined, ""))
    found.update(_undefined(shapes.iris - used, defined, ", and the shapes use it"))
    shacl = {SHACL + name for name in idle.TERMS}
    for term in {one for one in shapes.iris if one.startswith(SHACL)} - shacl:
        message = _not_defined(term, shacl, "not a term of SHACL Core or SHACL-SPARQL, so it has no effect")
        found.add(Notice("unknown-shacl-term", term, message))
    found.update(idle.notices(shapes))
    if f"{OWL}imports" in used:
        found.add(
            Notice(
                "import-not-followed",
                f"{OWL}imports",
                "the data imports other data (owl:imports); that is not followed",
            )
        )
    for shape, reason in left.items():
        name = shape.value if isinstance(shape, ox.NamedNode) else str(shape)
        found.add(Notice("judged-by-pyshacl", name, f"pySHACL judged {shapes.rule(shape)}: {reason}"))
    found.update(Notice("empty-file", path, f"{path} holds no triple") for path in empty)
    for path in idle_paths:
        message = f"no shape is for anything in {path}, so nothing of it was checked"
        found.add(Notice("path-without-target", path, message))
    return tuple(sorted(found))


def _undefined(terms: Collection[str], defined: Collection[str], where: str) -> Iterator[Notice]:
    for term in terms:
        if term.startswith(EVG) and term not in defined and term != EVG:
            yield Notice("undefined-term", term, _not_defined(term, defined, f"not a term of the ontology{where}"))
    for term, known in vocabularies.unknown(terms).items():
        yield Notice("undefined-term", term, _not_defined(term, known, f"not a term of its vocabulary{where}"))


def _not_defined(term: str, known: Iterable[str], what: str) -> str:
    near = near_term(term, known)
    return f"{curie(term)} is {what}" + (f"; did you mean {curie(near)}?" if near else "")


def near_term(term: str, known: Iterable[str]) -> str | None:
    """Give the term of the same vocabulary that a misspelt one looks like most."""
    start = max(term.rfind("#"), term.rfind("/")) + 1
    names = [one[start:] for one in known if one.startswith(term[:start])]
    near = nearest(term[start:], names)
    return term[:start] + near[0] if near and not {"/", "#"} & set(near[0]) else None


def skipped(paths: Iterable[str | Path]) -> list[Notice]:
    """Tell of the files of folders that are not read; hidden ones, and what people keep beside data, go unsaid."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for folder in map(Path, paths):
        for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
            inner = file.relative_to(folder)
            suffix = file.suffix.lower()
            if any(part.startswith(".") for part in inner.parts) or file.name == WAIVERS or not file.is_file():
                continue
            if suffix not in FORMATS.suffixes and suffix not in _NO_DATA and suffix:
                found[str(folder), suffix].append(str(file))
    return [
        Notice("skipped-file", files[0], f"not read, for {suffix} is no known ending: {summarize_names(files)}")
        for (_, suffix), files in found.items()
    ]


def also(report: Report, more: Iterable[Notice]) -> Report:
    """Add notices to a report."""
    return replace(report, notices=tuple(sorted({*report.notices, *more})))


def strict(report: Report) -> Report:
    """Make findings of the notices, but for those that only say what was judged."""
    found = [_finding(notice) for notice in report.notices if notice.kind in _BY_KIND]
    findings = sorted({*report.findings, *found}, key=lambda finding: finding.order)
    left = tuple(notice for notice in report.notices if notice.kind not in _BY_KIND)
    return replace(report, findings=tuple(findings), notices=left)


def places(findings: Iterable[Finding], data: Sequence[DataFile], shapes: Sequence[DataFile]) -> dict[Finding, Place]:
    """Find where what the findings of strictness are about stands, in the data or else in the shapes."""
    found = [one for one in findings if one.rule in _BY_KIND]
    terms = [one.focus for one in found if one.rule in {"undefined-term", "unknown-shacl-term"}]
    uses = {**first_uses(terms, shapes), **first_uses(terms, data)}
    return {**locate(found, shapes), **{one: uses[one.focus] for one in found if one.focus in uses}}


def _finding(notice: Notice) -> Finding:
    rule = _BY_KIND[notice.kind]
    focus: Term = ox.Literal(notice.term)
    if notice.term.startswith("_:"):
        focus = ox.BlankNode(notice.term[2:])
    elif _IRI.fullmatch(notice.term):
        focus = ox.NamedNode(notice.term)
    return Finding(
        severity=rule.severity,
        rule=rule.name,
        focus=focus,
        path=None,
        value=None,
        message=f"{notice.message[:1].upper()}{notice.message[1:]}. {rule.mend}".replace("?. ", "? "),
        source_shape=ox.NamedNode(f"{SHAPES}check-{rule.name}"),
        component=IN_CODE,
    )
