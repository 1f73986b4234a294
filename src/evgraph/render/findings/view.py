"""What every format of a report is rendered from: the findings, their locations, and the texts of rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pyoxigraph import NamedNode

from evgraph.namespaces import EVG, SH, curie
from evgraph.shacl.findings import Severity, each, term_text
from evgraph.shacl.paths import text as path_as_sparql
from evgraph.text import plural, shown

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.paths import Path as PropertyPath
    from evgraph.store.protocol import Term
    from evgraph.validation.check import Rule
    from evgraph.validation.fixes.plan import Offer, PlacedEdit
    from evgraph.validation.locations import PageLine
    from evgraph.validation.report import Report

LONG = 4000
"""The most characters of a message that a report shows; of data, it shows `evgraph.text.LONGEST`."""
_PLURALS = {
    "Analysis": "analyses", "Commentary": "commentaries", "Entry": "entries", "Guidance": "guidance",
    "Matrix": "matrices", "Study": "studies",
}  # fmt: skip
_Key = TypeVar("_Key", str, Severity)


@dataclass(frozen=True, slots=True)
class ReportView:
    """A validation's report, and what its renderers need beside it.

    Attributes:
        today: the day that waivers are compared with, and the date of the report.
        pages: finding → the line of the page that its focus node was read from.
        passages: IRI of a passage → its text, where the page is at hand.
        files: the data files; none where the data is in a store.
        folder: paths below this folder are written relative to it, in formats that want short ones.
        threshold: the least severity that makes the validation fail.
        most: how many findings of a rule are shown to people; 0 for all.
        width: columns of the terminal; None to wrap no line.
        store: the name of the store or server with the data; empty where it is in files.
        lists_related: whether people see each of the findings that a finding explains, not only their number.

    """

    report: Report
    today: datetime.date
    locations: Mapping[Finding, Place] = field(default_factory=dict)
    pages: Mapping[Finding, PageLine] = field(default_factory=dict)
    passages: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    files: Sequence[DataFile] = ()
    folder: Path | None = None
    threshold: Severity = Severity.VIOLATION
    most: int = 0
    fixes: Mapping[Finding, Offer] = field(default_factory=dict)
    edits: Mapping[Finding, Sequence[PlacedEdit]] = field(default_factory=dict)
    width: int | None = None
    colours: bool = False
    store: str = ""
    lists_related: bool = False

    def groups(self, findings: Iterable[Finding] | None = None) -> list[Group]:
        """Group findings by rule, and within a rule by message; by default the report's, sorted by severity."""
        groups: dict[tuple[Severity, str], dict[str, list[Finding]]] = {}
        for finding in each(self.report.findings if findings is None else findings):
            groups.setdefault((finding.severity, finding.rule), {}).setdefault(finding.message, []).append(finding)
        return [
            Group(severity, name, self.rules.get(name), [*chain.from_iterable(messages.values())])
            for (severity, name), messages in groups.items()
        ]

    def file_location(self, finding: Finding) -> Place | None:
        """Return the location in a file that others can open; None for a store and for standard input."""
        location = self.locations.get(finding)
        return None if location is None or location.is_graph or location.path == "-" else location

    def local(self, path: str) -> str:
        """Return a path with slashes, relative to `folder` where it is below it."""
        return _local(self.folder, path)

    def page(self, finding: Finding) -> tuple[str, str]:
        """Return the page's line that the focus node was read from, ``drug-E4:48``, and its text, where known."""
        page = self.pages.get(finding)
        return (shown(str(page)), shown(self.passages.get(page.passage, ""))) if page else ("", "")

    def worklist(self) -> list[tuple[str, list[tuple[PageLine, int, Finding]]]]:
        """Return the findings that go back to a page, by page and in the order of its lines.

        Each comes with its line and the number, from 1, of its group in `groups`.
        """
        rows = [
            (self.pages[finding], number, finding)
            for number, group in enumerate(self.groups(), 1)
            for finding in group.findings
            if finding in self.pages
        ]
        rows.sort(key=lambda row: (row[0].cell, row[0].line, row[1]))
        return [(cell, [*of_page]) for cell, of_page in groupby(rows, key=lambda row: row[0].cell)]

    def related(self, finding: Finding) -> list[Finding]:
        """Return the findings that a finding explains, each statement once for each rule and message."""
        return [related for group in self.groups(self.report.related.get(finding, ())) for related in group.findings]

    def explained(self, finding: Finding) -> str:
        """Count the findings that a finding explains: ``explains 3 more findings: 1 LinkShape, 2 EntryShape-lists``."""
        groups = self.groups(self.report.related.get(finding, ()))
        names = ", ".join(f"{len(group.findings)} {shown(group.name)}" for group in groups)
        number = sum(len(group.findings) for group in groups)
        return f"explains {plural(number, 'more finding')}: {names}" if groups else ""

    def candidates(self, finding: Finding) -> list[str]:
        """Return the possible targets of an ambiguous reference: ``section:drug-E4/issue-1 (What is it?)``."""
        return [
            f"{shown(term_text(thing))}{f' ({shown(title)})' if title else ''}"
            for thing, title in self.report.candidates.get(finding, ())
        ]

    def notes(self, finding: Finding) -> list[str]:
        """Return a line for each candidate, and one for what a finding explains."""
        candidates = [f"candidate: {candidate}" for candidate in self.candidates(finding)]
        return [line for line in (*candidates, self.explained(finding)) if line]

    def notices(self) -> list[str]:
        """Return the messages of the notices; classes that the data does not use are in one message."""
        unused = [curie(notice.term) for notice in self.report.notices if notice.kind == "unused-target"]
        messages = [notice.message for notice in self.report.notices if notice.kind != "unused-target"]
        if unused:
            messages.append(f"not checked, because the data has none of these: {', '.join(unused)}")
        return [shown(message, LONG) for message in messages]

    def not_checked(self) -> list[str]:
        """Return the messages about what was not checked."""
        return [shown(notice.message, LONG) for notice in self.report.not_checked]

    def summary(self) -> str:
        """Return the counts in one line: ``2 violations, 1 warning; 53 things checked: 22 documents, 31 entries``."""
        counts = self._counts(lambda group: group.severity)
        totals = [plural(counts[severity], severity.word) for severity in Severity if counts[severity]]
        checked = ", ".join(_counted_class(count, cls) for cls, count in self.report.checked)
        things = plural(self.report.focus_count, "thing")
        return f"{', '.join(totals) or 'no findings'}; {things} checked{checked and f': {checked}'}"

    def waived_summary(self) -> str:
        """Count the waived findings in one line: ``3 findings waived: 2 dangling-reference, 1 missing-section``."""
        counts = self._counts(lambda group: group.name, (waived.finding for waived in self.report.waived))
        by_rule = ", ".join(f"{count} {shown(name)}" for name, count in sorted(counts.items()))
        return f"{plural(counts.total(), 'finding')} waived: {by_rule}" if by_rule else ""

    def since_summary(self) -> str:
        """Count the findings by their state in one line: ``since HEAD: 2 new, 1 gone, 14 unchanged``."""
        report = self.report
        states = {"new": report.findings, "gone": report.gone, "unchanged": report.unchanged}
        numbers = (f"{self._counts(str, findings).total()} {state}" for state, findings in states.items())
        return f"since {shown(report.since)}: {', '.join(numbers)}" if report.since else ""

    def summaries(self) -> list[str]:
        """Return the lines that a report ends with."""
        return [line for line in (self.waived_summary(), self.summary(), self.since_summary()) if line]

    def _counts(self, key: Callable[[Group], _Key], findings: Iterable[Finding] | None = None) -> Counter[_Key]:
        counts: Counter[_Key] = Counter()
        for group in self.groups(findings):
            counts[key(group)] += len(group.findings)
        return counts


class Group(NamedTuple):
    """The findings of one rule, sorted by message; `rule` is None where it is not listed."""

    severity: Severity
    name: str
    rule: Rule | None
    findings: Sequence[Finding]

    def first(self, most: int) -> Iterator[tuple[str, str, list[Finding]]]:
        """Yield problem and solution of each message with its findings, at most so many in all; 0 for all."""
        for _, findings in groupby(self.findings[: most or None], key=lambda finding: finding.message):
            of_message = [*findings]
            yield *self.parts(of_message[0]), of_message

    def more(self, most: int) -> int:
        """Return how many findings `first` does not yield."""
        return max(len(self.findings) - most, 0) if most else 0

    def parts(self, finding: Finding) -> tuple[str, str]:
        """Split a message into the problem and the solution; the latter is empty where the rule has no such text."""
        solution = self.rule.solution if self.rule else ""
        problem = finding.message.removesuffix(f" {solution}") if solution else finding.message
        return problem, solution if problem != finding.message else ""


def constraints(findings: Iterable[Finding]) -> Mapping[Finding, str]:
    """Return those findings that differ from another one only in the constraint, each → its name (``sh:pattern``)."""
    alike: dict[tuple[object, ...], set[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.focus, finding.path, finding.value, finding.message), set()).add(finding)
    names = {}
    for finding in (finding for same in alike.values() if len(same) > 1 for finding in same):
        name = finding.component.removeprefix(SH).removesuffix("ConstraintComponent")
        names[finding] = curie(finding.component) if ":" in name else f"sh:{name[:1].lower()}{name[1:]}"
    return names


def thing(finding: Finding) -> str:
    """Name a focus node by its label and its CURIE: ``Holm (2021) (doc:holm-2021)``."""
    name = shown(term_text(finding.focus))
    return f"{shown(finding.label)} ({name})" if finding.label else name


def plain(term: Term) -> str:
    """Return an IRI as it is, any other term as N-Triples writes it."""
    return term.value if isinstance(term, NamedNode) else str(term)


def path_iri(path: PropertyPath | None) -> str:
    """Return a property's IRI, a property path as SPARQL writes it, or an empty text."""
    return "" if path is None else path.value if isinstance(path, NamedNode) else path_as_sparql(path)


def _counted_class(count: int, iri: str) -> str:
    """Count the nodes of a class; the name of one of evgraph's becomes words: ``2 cell snapshots``."""
    name = iri.removeprefix(EVG) if iri.startswith(EVG) else curie(iri)
    if ":" in name:
        return f"{count} {name}"
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return plural(count, words, _PLURALS.get(name, ""))


@lru_cache(maxsize=1000)
def _local(folder: Path | None, path: str) -> str:
    if path == "-" or "://" in path:  # The latter is the IRI of a graph in a store.
        return path
    whole = Path(path).absolute()
    return (whole.relative_to(folder) if folder and whole.is_relative_to(folder) else Path(path)).as_posix()
