"""What files would be with their faults mended, and the proof of it.

Their text is changed at the places at fault and nowhere else. The result is parsed, to see that nothing else changed,
and judged, to see that the findings are gone and no others came.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.integrity.fixes import Claim, Rename, Replace, Type, fix_of, ingested
from evgraph.integrity.mended import Mended, raw_content
from evgraph.integrity.turtle_edits import TurtleText, edited
from evgraph.namespaces import EVG, RDF
from evgraph.store.files import DataFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evgraph.integrity.findings import Finding, Report
    from evgraph.integrity.fixes import Change
    from evgraph.integrity.locate import Place
    from evgraph.integrity.turtle_edits import Edit

_BOM = b"\xef\xbb\xbf"
_EDITABLE = {"turtle", "ntriples"}
_TYPE = ox.NamedNode(f"{RDF}type")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        files: the files that change.
        fixed: the findings that go away by it.
        held_back: findings with a fix that would not have helped, or done harm → why.
        defeated: a file in which the changes would say something else than they are meant to; none in a plan to act on.

    """

    files: Sequence[Mended] = ()
    fixed: Sequence[Finding] = ()
    held_back: Mapping[Finding, str] = field(default_factory=dict)
    defeated: str = ""


def offers(
    findings: Iterable[Finding], places: Mapping[Finding, Place], data: Sequence[DataFile]
) -> Mapping[Finding, str]:
    """Say of each finding that `plan` would try to mend what it would do.

    Args:
        findings: of a validation.
        places: where they stand.
        data: the files.

    """
    ours = {file.path for file in data if _ours([file])}
    found = {one: fix_of(one) for one in findings if one in places and places[one].path in ours}
    return {finding: fix.words for finding, fix in found.items() if fix}


def plan(
    findings: Sequence[Finding],
    report: Report,
    data: Sequence[DataFile],
    judge: Callable[[Sequence[DataFile]], Report],
) -> Plan:
    """Find out what can be mended, and prove it.

    Args:
        findings: those that are to go away.
        report: of the data, with notices as findings (`evgraph.integrity.notices.strict`).
        data: the files.
        judge: judges files in the same way.

    """
    fixable = [finding for finding in findings if fix_of(finding)]
    tried = _mended(fixable, data)
    why = _harm(tried, report, data, judge)
    if not why:
        return tried
    kept = Plan()
    held_back: dict[Finding, str] = {}
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


class _Facts:
    """What must be known of the data to change it, gathered in one reading.

    Attributes:
        holders: triple → the files that state it.
        types: subject → its classes.
        described: subject → the files that say what it is.
        users: term → the files that use it.

    """

    def __init__(self, changes: Iterable[Change], data: Sequence[DataFile]) -> None:
        changes = list(changes)
        wanted = {one.triple for one in changes if isinstance(one, Replace | Claim)}
        values = {one.triple.object for one in changes if isinstance(one, Replace) and one.identification}
        subjects = {one.subject for one in changes if isinstance(one, Type)}
        terms = {one.old for one in changes if isinstance(one, Rename)}
        self.holders: dict[ox.Triple, list[DataFile]] = defaultdict(list)
        self.types: dict[object, set[object]] = defaultdict(set)
        self.described: dict[object, list[DataFile]] = defaultdict(list)
        self.users: dict[object, list[DataFile]] = defaultdict(list)
        self.subjects: set[object] = set()
        self.identifications: dict[object, set[object]] = defaultdict(set)
        for file in data:
            for quad in file.parsed():
                triple = quad.triple
                self.subjects.add(triple.subject)
                if triple in wanted or (triple.predicate.value == f"{EVG}identifierValue" and triple.object in values):
                    _once(self.holders[triple], file)
                if triple.predicate.value == f"{EVG}identification":
                    self.identifications[triple.subject].add(triple.object)
                if triple.subject in subjects and triple.predicate == _TYPE:
                    self.types[triple.subject].add(triple.object)
                    _once(self.described[triple.subject], file)
                for term in terms.intersection((triple.subject, triple.predicate, triple.object)):
                    _once(self.users[term], file)

    def places(self, change: Change) -> list[DataFile]:
        """Give the files that a change must be made in."""
        if isinstance(change, Replace):
            return [file for triple in self.replaced(change) for file in self.holders[triple]]
        if isinstance(change, Claim):
            return self.holders[change.triple][:1]
        if isinstance(change, Type):
            return self.described[change.subject][:1]
        return self.users[change.old]

    def replaced(self, change: Replace) -> list[ox.Triple]:
        """Give the triples whose object a change replaces."""
        ids = self.identifications[change.triple.subject] if change.identification else ()
        value = change.triple.object
        others = (
            ox.Triple(one, ox.NamedNode(f"{EVG}identifierValue"), value) for one in ids if isinstance(one, ox.NamedNode)
        )
        return [change.triple, *(one for one in others if one in self.holders)]


def _once(files: list[DataFile], file: DataFile) -> None:
    if not files or files[-1] is not file:
        files.append(file)


def _mended(findings: Sequence[Finding], data: Sequence[DataFile]) -> Plan:
    """Make the changes for findings, as far as they lie in files that people keep."""
    changes: dict[Finding, Change] = {}
    for finding in findings:
        fix = fix_of(finding)
        if fix:
            changes[finding] = fix.change
    facts = _Facts(changes.values(), data)
    fixed = [one for one, change in changes.items() if _ours(facts.places(change))]
    edits: dict[DataFile, list[Edit]] = defaultdict(list)
    meant: dict[DataFile, _Meant] = defaultdict(_Meant)
    texts: dict[DataFile, TurtleText] = {}
    raw: dict[DataFile, bytes] = {}
    for change in dict.fromkeys(changes[one] for one in fixed):
        for file in facts.places(change):
            if file not in texts:
                raw[file] = raw_content(file)
                texts[file] = _text(file, raw[file])
            edits[file] += _edits(change, texts[file], facts, meant[file])
    done, defeated = [], ""
    for file, found in edits.items():
        after = edited(texts[file].text, found).encode()
        if not meant[file].fits(file, after):
            defeated = file.path
        done.append(Mended(file, raw[file], (_BOM if raw[file].startswith(_BOM) else b"") + after))
    return Plan(sorted(done, key=lambda one: one.file.path), fixed, defeated=defeated)


def _text(file: DataFile, content: bytes) -> TurtleText:
    line_by_line = file.format.name == "ntriples"
    return TurtleText(content.removeprefix(_BOM).decode("utf-8"), file.base, line_by_line=line_by_line)


def _ours(files: Sequence[DataFile]) -> bool:
    return bool(files) and all(one.body is None and one.format.name in _EDITABLE and not ingested(one) for one in files)


def _edits(change: Change, text: TurtleText, facts: _Facts, meant: _Meant) -> Iterator[Edit]:
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
    else:
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
            found = set(_named(replace(file, body=body.removeprefix(_BOM))))
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
