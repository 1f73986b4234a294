"""Notices: what a validation did not check. With ``--strict`` they are findings, and each kind is a rule.

Ineffective shapes, terms that no vocabulary defines, files that were not read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import shipped_files
from evgraph.formats import FORMATS
from evgraph.namespaces import EVG, ID, OWL, RDF, VOCABULARIES, curie
from evgraph.namespaces import SH as SHACL
from evgraph.rdf.positions import first_uses
from evgraph.shacl import ineffective_shapes
from evgraph.shacl.findings import Finding, Notice, Severity
from evgraph.terms import value_of
from evgraph.text import nearest, summarize_names
from evgraph.validation.check import SHAPES, Rule
from evgraph.validation.locations import locate_in_files
from evgraph.validation.waivers import FILE_NAME as WAIVERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term
    from evgraph.validation.report import Report


def _rule(name: str, severity: Severity, summary: str, problem: str, solution: str) -> Rule:
    return Rule(name, severity, "notice", summary, problem, solution, "src/evgraph/validation/notices.py")


RULES = (
    _rule(
        "undefined-term", Severity.VIOLATION, "The vocabulary of a term does not define it.",
        "Questions and shapes use the terms that vocabularies define, so they miss what a misspelt one says. In data, a"
        " term of evgraph's namespace, or one that is nearly a term of another vocabulary, is always a finding.",
        "Use a term that the vocabulary defines.",
    ),
    _rule(
        "unknown-shacl-term", Severity.VIOLATION, "A shape uses a term that SHACL Core and SHACL-SPARQL do not have.",
        "A misspelt constraint has no effect, so everything conforms to it.",
        "Use the term of the standard; evgraph supports no extensions of it.",
    ),
    _rule(
        "shape-without-target", Severity.VIOLATION, "A shape has no target, and no other shape uses it.",
        "Nothing is validated against it.", "Give it a target (sh:targetClass …), or delete it.",
    ),
    _rule(
        "empty-shape", Severity.VIOLATION, "A shape has a target but no constraint.",
        "Whatever it targets conforms to it.", "Add the constraint that it was written for, or delete it.",
    ),
    _rule(
        "deactivated-shape", Severity.WARNING, "A shape is deactivated.",
        "Nothing is validated against it.", "Delete sh:deactivated, or the shape.",
    ),
    _rule(
        "import-not-followed", Severity.VIOLATION, "A file imports another one that was not given.",
        "Shapes or data that it needs are missing; evgraph downloads nothing by itself.",
        "Name the imported file, too, as shapes or as data.",
    ),
    _rule(
        "other-boolean", Severity.VIOLATION, "A shape has 1 where SHACL has true.",
        "The standard compares with the literal true, so the statement has no effect.", "Write true, or delete it.",
    ),
    _rule(
        "unused-target", Severity.WARNING, "The data has nothing of a class that shapes target.",
        "If there should be something of this class, a file or a type is missing.",
        "Check that all files were named, and that things have the type (rdf:type) that the shape targets.",
    ),
    _rule(
        "path-without-target", Severity.VIOLATION, "No shape targets anything in the files of one PATH.",
        "These files were not checked, though others were.",
        "Check that it is the right PATH, and that its things have types that the shapes target.",
    ),
    _rule(
        "empty-file", Severity.VIOLATION, "A data file has no triple.",
        "Its content may be lost: a program that stopped too early leaves such files.", "Write it again, or delete it.",
    ),
    _rule(
        "skipped-file", Severity.VIOLATION, "A file in a folder was not read, because its suffix is unknown.",
        "If it has data, that was not checked.",
        "Give it the suffix of its format (.ttl, .nt, .nq, .trig, .rdf, .jsonld), or move it out of the folder.",
    ),
    _rule(
        "not-checked", Severity.VIOLATION, "A shape or rule was not checked, or not by all that it demands.",
        "Findings of this rule are missing from the report, so the exit code is not 0.",
        "Correct the shape where it does not follow the standard; else export the data and validate the files.",
    ),
    _rule(
        "beside-missing", Severity.WARNING, "The store lacks terms, concepts or cells that come with evgraph.",
        "Links to them look broken.", "Load them, too (an export with the ontology has them).",
    ),
    _rule(
        "lexical-forms", Severity.INFO, "Literals were validated as the engine returns them.",
        "A value that the engine has corrected itself gives no finding.", "Validate the files that were loaded, too.",
    ),
    _rule(
        "engines", Severity.INFO, "Not all shapes could be validated with SPARQL queries.",
        "The notice says which shapes pySHACL validated, and which nobody did.", "Nothing needs to be done.",
    ),
    _rule(
        "validated-by-pyshacl", Severity.INFO, "pySHACL validated a shape that cannot be written as a query.",
        "It takes much longer, and reads regular expressions as Python's.", "Nothing needs to be done.",
    ),
)  # fmt: skip
"""The kinds of notices, as the rules that they are with ``--strict``."""

VOCABULARIES_FILE = "vocabularies.txt"
"""A file in ``ontology/`` with the terms of well-known vocabularies; ``python -m docs.vocabularies`` makes it."""

# evgraph's ontology is a file of its own, SHACL has its own list, and datatypes of XML Schema are not used as terms.
OF_VOCABULARIES = {
    prefix: iri for prefix, iri in VOCABULARIES.items() if prefix not in {"evg", "sh", "xsd"}
} | {
    "dc": "http://purl.org/dc/elements/1.1/",
    "time": "http://www.w3.org/2006/time#",
}  # fmt: skip
"""Prefix → namespace of the vocabularies that the file may list."""

_BY_KIND = {rule.name: rule for rule in RULES}
_ALIKE = {namespace.lower().partition("://")[2].strip("/#"): prefix for prefix, namespace in VOCABULARIES.items()}
_NO_DATA = {".md", ".rst", ".toml", ".license"}  # Files that people keep beside data.
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
    """Return the notices of a validation, sorted.

    Args:
        used: the terms in the user's own data.
        shapes: of the validation.
        classes: target class → how many of its nodes were validated.
        defined: the terms that the ontology defines.
        left: shape that pySHACL validated → why.
        empty: files without a triple.
        idle_paths: paths that the user named, without a node that a shape targets.

    """
    used = set(used)
    collected = {
        Notice("unused-target", cls, f"the data has no {curie(cls)}, so nothing of this class was checked")
        for cls, count in classes.items()
        if not count
    }
    collected.update(_undefined(used, defined, ""))
    for term, meant in _of_wrong_namespaces(used).items():
        what = (
            "has no namespace that evgraph knows" if "/" in term else f"has the prefix {meant.split(':')[0]} undeclared"
        )
        collected.add(Notice("undefined-term", term, f"<{term}> {what}; did you mean {meant}?"))
    collected.update(_undefined(shapes.iris - used, defined, ", and the shapes use it"))
    shacl = {SHACL + name for name in ineffective_shapes.TERMS}
    for term in {iri for iri in shapes.iris if iri.startswith(SHACL)} - shacl:
        message = _not_defined(term, shacl, "not a term of SHACL Core or SHACL-SPARQL, so it has no effect")
        collected.add(Notice("unknown-shacl-term", term, message))
    collected.update(ineffective_shapes.notices(shapes))
    if (imports := f"{OWL}imports") in used:
        message = "the data imports other data (owl:imports), which evgraph does not download"
        collected.add(Notice("import-not-followed", imports, message))
    collected.update(
        Notice("validated-by-pyshacl", value_of(shape), f"pySHACL validated {shapes.rule(shape)}: {reason}")
        for shape, reason in left.items()
    )
    collected.update(Notice("empty-file", path, f"no triple in {path}") for path in empty)
    collected.update(
        Notice("path-without-target", path, f"no shape targets anything in {path}, so nothing in it was checked")
        for path in idle_paths
    )
    return tuple(sorted(collected))


@cache
def listed_terms() -> Mapping[str, frozenset[str]]:
    """Return the lists of the file: prefix → local names."""
    path = shipped_files.ontology() / VOCABULARIES_FILE
    return read_terms(path.read_text(encoding="utf-8") if path.is_file() else "")


def read_terms(text: str) -> Mapping[str, frozenset[str]]:
    """Parse the text of such a file: prefix → local names."""
    names: dict[str, list[str]] = {}
    prefix = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        head, colon, rest = line.partition(":")
        if colon:
            prefix, line = head, rest
        names.setdefault(prefix, []).extend(line.split())
    return {prefix: frozenset(terms) for prefix, terms in names.items()}


def unknown_terms(iris: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return the IRIs in the namespace of a vocabulary that it does not define, each → the terms of the vocabulary."""
    undefined: dict[str, frozenset[str]] = {}
    for iri in iris:
        for prefix, namespace in OF_VOCABULARIES.items():
            name = iri.removeprefix(namespace)
            # RDF containers have numbered properties: rdf:_1, rdf:_2 and so on.
            is_numbered = namespace == RDF and name[:1] == "_" and name[1:].isdigit()
            if name != iri and prefix in listed_terms() and name not in listed_terms()[prefix] and not is_numbered:
                undefined[iri] = frozenset(namespace + term for term in listed_terms()[prefix])
    return undefined


def _undefined(terms: Collection[str], defined: Collection[str], where: str) -> Iterator[Notice]:
    for term in terms:
        if term.startswith(EVG) and term not in defined and term != EVG:
            yield Notice("undefined-term", term, _not_defined(term, defined, f"not a term of the ontology{where}"))
    for term, known in unknown_terms(terms).items():
        yield Notice("undefined-term", term, _not_defined(term, known, f"not a term of its vocabulary{where}"))


def _of_wrong_namespaces(terms: Iterable[str]) -> Mapping[str, str]:
    """Return the first term of each namespace that differs from a vocabulary's in nothing that people see.

    ``http://schema.org/name`` → ``schema:name``, and ``evg:lists``, whose prefix was not declared → ``evg:lists``.
    """
    found: dict[str, tuple[str, str]] = {}
    for term in sorted(terms):
        cut = max(term.rfind("#"), term.rfind("/"), term.find(":")) + 1
        prefix = term[: cut - 1] if term[:cut].rstrip(":") in VOCABULARIES else _vocabulary_like(term[:cut])
        if prefix and term[:cut] != VOCABULARIES[prefix]:
            found.setdefault(term[:cut], (term, f"{prefix}:{term[cut:]}"))
    return dict(found.values())


@cache
def _vocabulary_like(namespace: str) -> str:
    """Return the prefix of the vocabulary whose namespace was probably meant; empty where there is none."""
    seen = namespace.lower().partition("://")[2].strip("/#")
    is_near = seen.startswith("w3id.org/e") and namespace not in {EVG, SHAPES} and not namespace.startswith(ID)
    near = is_near and nearest(namespace, [EVG], cutoff=0.85)
    return _ALIKE.get(seen) or ("evg" if near else "")


def _not_defined(term: str, known: Iterable[str], what: str) -> str:
    """Return the message, with the nearest known term of the same namespace."""
    start = max(term.rfind("#"), term.rfind("/")) + 1
    names = [other[start:] for other in known if other.startswith(term[:start])]
    alike = [
        name for name in names if name[:1].isupper() == term[start : start + 1].isupper()
    ]  # Classes, or properties.
    near = nearest(term[start:], alike) or nearest(term[start:], names)
    is_name = near and not {"/", "#"} & set(near[0])
    return f"{curie(term)} is {what}" + (f"; did you mean {curie(term[:start] + near[0])}?" if is_name else "")


def skipped(paths: Iterable[str | Path]) -> list[Notice]:
    """Return notices of the files in folders that are not read: one per folder and suffix."""
    return [
        notice
        for folder in map(Path, paths)
        if folder.is_dir()
        for notice in skipped_in(folder, [file for file in sorted(folder.rglob("*")) if file.is_file()])
    ]


def skipped_in(folder: Path, files: Iterable[Path]) -> list[Notice]:
    """Return notices of those files of a folder that are not read, but for hidden ones and those beside any data."""
    by_suffix: dict[str, list[str]] = defaultdict(list)
    for file in files:
        suffix = file.suffix.lower()
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if suffix and not hidden and suffix not in _NO_DATA and suffix not in FORMATS.suffixes and file.name != WAIVERS:
            by_suffix[suffix].append(str(file))
    return [
        Notice("skipped-file", names[0], f"not read, because {suffix} is an unknown suffix: {summarize_names(names)}")
        for suffix, names in by_suffix.items()
    ]


def also(report: Report, more: Iterable[Notice]) -> Report:
    """Return a report with more notices."""
    return replace(report, notices=tuple(sorted({*report.notices, *more})))


def strict(report: Report) -> Report:
    """Return a report with a finding for each notice whose kind is one of `RULES`."""
    findings = {finding_of(notice) for notice in report.notices if notice.kind in _BY_KIND}
    others = tuple(notice for notice in report.notices if notice.kind not in _BY_KIND)
    everything = sorted(findings.union(report.findings), key=lambda finding: finding.order)
    return replace(report, findings=tuple(everything), notices=others)


def places(findings: Iterable[Finding], data: Sequence[DataFile], shapes: Sequence[DataFile]) -> dict[Finding, Place]:
    """Return the locations of findings that were notices, in the data or else in the shapes."""
    ours = [finding for finding in findings if finding.rule in _BY_KIND]
    terms = [finding.focus for finding in ours if finding.rule in {"undefined-term", "unknown-shacl-term"}]
    uses = {**first_uses(terms, shapes), **first_uses(terms, data)}
    return {
        **locate_in_files(ours, shapes),
        **{finding: uses[finding.focus] for finding in ours if finding.focus in uses},
    }


def is_misspelt(notice: Notice, used: Collection[str]) -> bool:
    """Whether the data uses a term of evgraph's that is not there, or one that is nearly a term of a vocabulary."""
    is_term = notice.kind == "undefined-term" and notice.term in used
    return is_term and (notice.term.startswith(EVG) or "did you mean" in notice.message)


def finding_of(notice: Notice) -> Finding:
    """Return the finding that a notice of one of `RULES` is."""
    rule = _BY_KIND[notice.kind]
    focus: Term = ox.Literal(notice.term)
    if notice.term.startswith("_:"):
        focus = ox.BlankNode(notice.term[2:])
    elif _IRI.fullmatch(notice.term):
        focus = ox.NamedNode(notice.term)
    message = f"{notice.message}. {rule.solution}".replace("?. ", "? ")
    if re.match("[a-z]+ ", message):  # A word, and no name such as evg:Entry.
        message = f"{message[0].upper()}{message[1:]}"
    return rule.finding(focus, message)
