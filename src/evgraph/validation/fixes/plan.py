"""What files would be with their faults mended, and the proof of it.

Their text is changed at the places at fault and nowhere else. The result is parsed, to see that nothing else changed,
and judged, to see that the findings are gone and no others came.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.namespaces import RDF
from evgraph.rdf.files import DataFile
from evgraph.validation.fixes.changed_files import Mended, raw_content
from evgraph.validation.fixes.facts import Facts
from evgraph.validation.fixes.fixes import AGAIN, Claim, Follow, Offer, Rename, Replace, Type, fix_of, ingested
from evgraph.validation.fixes.turtle_edits import TurtleText, edited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.validation.fixes.fixes import Change
    from evgraph.validation.fixes.turtle_edits import Edit
    from evgraph.validation.report import Report

_BOM = b"\xef\xbb\xbf"
_EDITABLE = {"turtle", "ntriples"}
_TYPE = ox.NamedNode(f"{RDF}type")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        files: the files that change.
        fixed: the findings that go away by it.
        held_back: findings with a fix that would not have helped, or done harm, or that is ingest's to make → why.
        defeated: a file in which the changes would say something else than they are meant to; none in a plan to act on.

    """

    files: Sequence[Mended] = ()
    fixed: Sequence[Finding] = ()
    held_back: Mapping[Finding, str] = field(default_factory=dict)
    defeated: str = ""


def offers(
    findings: Iterable[Finding], places: Mapping[Finding, Place], data: Sequence[DataFile]
) -> Mapping[Finding, Offer]:
    """Say of each finding that has one safe answer what it is; `plan` would try it, where people keep the file.

    Args:
        findings: of a validation.
        places: where they stand.
        data: the files.

    """
    files = {file.path: file for file in data}
    fixes = {one: fix for one in findings if one in places and (fix := fix_of(one))}
    if any(isinstance(fix.change, Follow) for fix in fixes.values()):  # Otherwise nothing need be read for it.
        facts = Facts([fix.change for fix in fixes.values()], data)
        fixes = {one: fix for one, fix in fixes.items() if facts.settled(fix.change)}
    found = {}
    for finding, fix in fixes.items():
        file = files.get(places[finding].path)
        if file and (ingested(file) or _ours([file])):
            found[finding] = Offer(fix.words, ingested(file))
    return found


def edits_of(findings: Iterable[Finding], data: Sequence[DataFile]) -> Mapping[Finding, Mapping[str, Sequence[Edit]]]:
    """Give for each finding that `plan` would try to mend the changes of text that this takes, by the file's path.

    Args:
        findings: of a validation.
        data: the files.

    """
    changes, facts = _settled(findings, data)
    subjects = _subjects(changes.values(), facts)
    texts: dict[DataFile, TurtleText] = {}
    found: dict[Finding, dict[str, list[Edit]]] = {}
    for finding, change in changes.items():
        files = facts.places(change)
        for file in files if _ours(files) else ():
            if file not in texts:
                texts[file] = _text(file, raw_content(file), subjects)
            edits = sorted(set(_edits(change, texts[file], facts, _Meant())))
            found.setdefault(finding, {})[file.path] = edits
    return found


def plan(
    findings: Sequence[Finding],
    report: Report,
    data: Sequence[DataFile],
    judge: Callable[[Sequence[DataFile]], Report],
) -> Plan:
    """Find out what can be mended, and prove it.

    Args:
        findings: those that are to go away.
        report: of the data, with notices as findings (`evgraph.validation.notices.strict`).
        data: the files.
        judge: judges files in the same way.

    """
    fixable = [finding for finding in findings if fix_of(finding)]
    tried = _mended(fixable, data)
    why = _harm(tried, report, data, judge)
    if not why:
        return tried
    kept = Plan()
    held_back = dict(tried.held_back)
    for rule in sorted({finding.rule for finding in tried.fixed}):  # One rule after another, then: which one is it?
        more = _mended([*kept.fixed, *(one for one in tried.fixed if one.rule == rule)], data)
        why = _harm(more, report, data, judge)
        if why:
            held_back |= {one: why for one in more.fixed if one.rule == rule}
        else:
            kept = more
    return Plan(kept.files, kept.fixed, held_back)


def _harm(done: Plan, report: Report, data: Sequence[DataFile], judge: Callable[[Sequence[DataFile]], Report]) -> str:
    """Say why changes must not be written: they leave a finding, or bring one. Empty where all is well."""
    if done.defeated:
        return f"the layout of {done.defeated} defeats it"
    if not done.files:
        return ""
    bodies = {
        one.file: DataFile(one.file.path, one.file.format, one.file.graph, one.after.removeprefix(_BOM))
        for one in done.files
    }
    before = {_key(one) for one in report.findings}
    after = {_key(one): one for one in judge([bodies.get(file, file) for file in data]).findings}
    new = [one for key, one in after.items() if key not in before]
    if new:
        return f"it would bring {new[0].rule} ({new[0].triple})"
    left = [one for one in done.fixed if _key(one) in after]
    return f"{left[0].rule} would still be found ({left[0].triple})" if left else ""


def _key(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.focus, finding.path, finding.value, finding.component


def _settled(findings: Iterable[Finding], data: Sequence[DataFile]) -> tuple[dict[Finding, Change], Facts]:
    """Find out what there is to be changed for findings, and what must be known for it."""
    changes = {finding: fix.change for finding in findings if (fix := fix_of(finding))}
    facts = Facts(changes.values(), data)
    return {finding: one for finding, change in changes.items() if (one := facts.settled(change))}, facts


def _mended(findings: Sequence[Finding], data: Sequence[DataFile]) -> Plan:
    """Make the changes for findings, as far as they lie in files that people keep."""
    changes, facts = _settled(findings, data)
    places = {one: facts.places(change) for one, change in changes.items()}
    fixed = [one for one in changes if _ours(places[one])]
    again = {one: AGAIN for one, files in places.items() if not _ours(files) and any(map(ingested, files))}
    subjects = _subjects((changes[one] for one in fixed), facts)
    edits: dict[DataFile, list[Edit]] = defaultdict(list)
    meant: dict[DataFile, _Meant] = defaultdict(_Meant)
    texts: dict[DataFile, TurtleText] = {}
    raw: dict[DataFile, bytes] = {}
    for change in dict.fromkeys(changes[one] for one in fixed):
        for file in facts.places(change):
            if file not in texts:
                raw[file] = raw_content(file)
                texts[file] = _text(file, raw[file], subjects)
            edits[file] += _edits(change, texts[file], facts, meant[file])
    done, defeated = [], ""
    for file, found in edits.items():
        after = edited(texts[file].text, found).encode()
        if not meant[file].fits(file, after):
            defeated = file.path
        done.append(Mended(file, raw[file], (_BOM if raw[file].startswith(_BOM) else b"") + after))
    return Plan(sorted(done, key=lambda one: one.file.path), fixed, again, defeated)


def _subjects(changes: Iterable[Change], facts: Facts) -> set[str]:
    """Find the subjects of which statements are changed where they stand."""
    found: set[object] = set()
    for change in changes:
        if isinstance(change, Replace):
            found.update(triple.subject for triple in facts.replaced(change))
        elif isinstance(change, Type):
            found.add(change.subject)
    return {one.value for one in found if isinstance(one, ox.NamedNode)}


def _text(file: DataFile, content: bytes, subjects: Iterable[str]) -> TurtleText:
    text = content.removeprefix(_BOM).decode("utf-8")
    return TurtleText(text, file.base, line_by_line=file.format.name == "ntriples", subjects=subjects)


def _ours(files: Sequence[DataFile]) -> bool:
    return bool(files) and all(one.body is None and one.format.name in _EDITABLE and not ingested(one) for one in files)


def _edits(change: Change, text: TurtleText, facts: Facts, meant: _Meant) -> Iterator[Edit]:
    if isinstance(change, Replace):
        for triple in facts.replaced(change):
            meant.old.add(triple)
            meant.new.add(ox.Triple(triple.subject, triple.predicate, change.value))
            yield from text.replaced(triple, change.value)
    elif isinstance(change, Rename):
        meant.renamed[change.old] = change.new
        yield from text.renamed(change.old, change.new)
    elif isinstance(change, Type):
        for cls in change.classes:
            if cls not in facts.types[change.subject]:
                meant.new.add(ox.Triple(change.subject, _TYPE, cls))
                edit = text.typed_too(change.subject, cls)
                yield from [edit] if edit else ()
    elif isinstance(change, Claim):
        iri, number = change.iri, 1
        while iri in facts.subjects:
            iri = ox.NamedNode(f"{change.iri.value}-{(number := number + 1)}")
        facts.subjects.add(iri)
        meant.new.update(change.triples(iri))
        yield text.appended(change.triples(iri))


@dataclass(slots=True)
class _Meant:
    """How the triples of a file are to change."""

    old: set[ox.Triple] = field(default_factory=set)
    new: set[ox.Triple] = field(default_factory=set)
    renamed: dict[ox.NamedNode, ox.NamedNode] = field(default_factory=dict)

    def fits(self, file: DataFile, body: bytes) -> bool:
        """Whether a text says what it shall, and nothing else."""
        expected = {self._renamed(triple) for triple in _named(file) if triple not in self.old}
        try:
            found = set(_named(file._replace(body=body.removeprefix(_BOM))))
        except UnreadableError:
            return False
        return found == expected | {self._renamed(triple) for triple in self.new}

    def _renamed(self, triple: ox.Triple) -> ox.Triple:
        subject, predicate, value = (self.renamed.get(one, one) for one in triple)
        return ox.Triple(subject, predicate, value)


def _named(file: DataFile) -> Iterator[ox.Triple]:
    """Give the triples without blank nodes; those are named anew in each reading."""
    for quad in file.parsed():
        if not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode):
            yield quad.triple
