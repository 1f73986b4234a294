"""What every report of a validation is written from: the findings, where they stand, and what their rules say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evgraph.namespaces import EVG, curie
from evgraph.shacl.findings import Severity, term_text
from evgraph.text import plural, shown

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding
    from evgraph.validation.fixes.fixes import Offer
    from evgraph.validation.fixes.turtle_edits import Edit
    from evgraph.validation.locations import PageLine
    from evgraph.validation.report import Report
    from evgraph.validation.rule import Rule

_PLURALS = {
    "Analysis": "analyses",
    "Commentary": "commentaries",
    "Entry": "entries",
    "Guidance": "guidance",
    "Matrix": "matrices",
    "Study": "studies",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A validation, ready to be written.

    Attributes:
        report: of the validation.
        today: the day that it judged by.
        places: where findings stand in the data.
        pages: where on a page the things at fault were read.
        words: the passages there whose words are at hand, by IRI.
        rules: what is known of the rules, by name.
        files: the data that was validated; none where it is not in files.
        folder: the folder that paths are told from, where a format wants them short.
        threshold: the lightest severity that makes the validation fail.
        most: for people, so many findings of a rule are shown, and the rest counted; 0 shows all.
        fixes: what ``--fix`` would do about a finding, or why it does nothing.
        edits: the changes of text that this takes, by the path of the file, where a format can hold them.

    """

    report: Report
    today: datetime.date
    places: Mapping[Finding, Place] = field(default_factory=dict)
    pages: Mapping[Finding, PageLine] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    files: Sequence[DataFile] = ()
    folder: Path | None = None
    threshold: Severity = Severity.VIOLATION
    most: int = 0
    fixes: Mapping[Finding, Offer] = field(default_factory=dict)
    edits: Mapping[Finding, Mapping[str, Sequence[Edit]]] = field(default_factory=dict)

    def groups(self) -> list[Group]:
        """Group the findings by rule, the heaviest first."""
        return self._grouped(self.report.findings)

    def waived(self) -> list[Group]:
        """Group the findings that somebody accepts."""
        return self._grouped(one.finding for one in self.report.waived)

    def _grouped(self, findings: Iterable[Finding]) -> list[Group]:
        """Group by rule; a statement that breaks a rule twice is told once."""
        found: dict[tuple[Severity, str], dict[str, dict[tuple[object, ...], Finding]]] = {}
        for one in findings:
            messages = found.setdefault((one.severity, one.rule), {})
            messages.setdefault(one.message, {}).setdefault((one.focus, one.path, one.value), one)
        return [
            Group(severity, name, self.rules.get(name), {words: [*about.values()] for words, about in messages.items()})
            for (severity, name), messages in found.items()
        ]

    def file_of(self, finding: Finding) -> Place | None:
        """Give the place in a file that others can open: none of a finding in a store, or on standard input."""
        place = self.places.get(finding)
        return None if place is None or place.is_graph or place.path == "-" else place

    def local(self, path: str) -> str:
        """Give a path with slashes, from the folder where it lies below it; as it is otherwise."""
        return _told_from(self.folder, path)


class Group(NamedTuple):
    """The findings of one rule.

    Attributes:
        severity: of all of them.
        name: the rule's.
        rule: what is known of it; None where it is not listed.
        messages: what is wrong, in the order of the findings → the findings of which that is said.

    """

    severity: Severity
    name: str
    rule: Rule | None
    messages: Mapping[str, Sequence[Finding]]

    @property
    def total(self) -> int:
        """How many findings there are."""
        return sum(map(len, self.messages.values()))

    def first(self, most: int) -> Iterator[tuple[str, Sequence[Finding]]]:
        """Give messages with their findings, so many findings in all; every one for 0."""
        left = most or self.total
        for words, about in self.messages.items():
            if left <= 0:
                return
            yield words, about[:left]
            left -= len(about)

    def says(self, message: str) -> tuple[str, str]:
        """Part a message: what is wrong, how to mend it; the latter is empty where the rule does not part them."""
        mend = self.rule.mend if self.rule else ""
        return (message.removesuffix(f" {mend}"), mend) if mend and message.endswith(f" {mend}") else (message, "")


def read_from(account: Account, finding: Finding) -> tuple[str, str]:
    """Say where on a page the thing at fault was read, ``drug-E4:48``, and its words; empty what is not known."""
    page = account.pages.get(finding)
    return (shown(str(page)), shown(account.words.get(page.passage, ""))) if page else ("", "")


def thing(finding: Finding) -> str:
    """Name the thing at fault as people call it, and as the data does: ``Holm (2021) (doc:holm-2021)``."""
    name = shown(term_text(finding.focus))
    return f"{shown(finding.label)} ({name})" if finding.label else name


def one_line(account: Account) -> Iterator[str]:
    """Write a line a finding, as editors read it: ``FILE:LINE:COLUMN: severity rule: triple: what is wrong``.

    What stands in no file is named by its IRI.
    """
    for group in account.groups():
        for message, about in group.messages.items():
            wrong, _ = group.says(message)
            for finding in about:
                where = account.places.get(finding) or shown(term_text(finding.focus))
                yield f"{where}: {group.severity.word} {group.name}: {shown(finding.triple)}: {shown(wrong)}\n"


def summary(account: Account) -> str:
    """Give the counts in one line: ``2 violations, 1 warning; 53 things checked: 22 documents, 31 entries``."""
    report = account.report
    counts: Counter[Severity] = Counter()
    for group in account.groups():
        counts[group.severity] += group.total
    found = [plural(counts[severity], severity.word) for severity in Severity if counts[severity]]
    checked = [_counted_class(count, cls) for cls, count in report.checked]
    things = plural(report.focus_count, "thing")
    return f"{', '.join(found) or 'no findings'}; {things} checked" + (f": {', '.join(checked)}" if checked else "")


def waived_summary(account: Account) -> str:
    """Count the waived findings in one line: ``3 findings waived: 2 dangling-reference, 1 missing-section``."""
    counts: Counter[str] = Counter()
    for group in account.waived():
        counts[group.name] += group.total
    told = ", ".join(f"{count} {shown(name)}" for name, count in sorted(counts.items()))
    return f"{plural(counts.total(), 'finding')} waived: {told}" if told else ""


def notices(account: Account) -> list[str]:
    """Give the notices in words; all kinds that the data does not hold are told in one."""
    idle = [curie(notice.term) for notice in account.report.notices if notice.kind == "unused-target"]
    told = [notice.message for notice in account.report.notices if notice.kind != "unused-target"]
    if idle:
        told.append(f"the data holds none of these, so nothing of the kind was checked: {', '.join(idle)}")
    return [shown(one, longest=4000) for one in told]


def _counted_class(count: int, iri: str) -> str:
    name = iri.removeprefix(EVG) if iri.startswith(EVG) else curie(iri)
    if ":" in name:
        return f"{count} {name}"
    return plural(count, _words(name), _PLURALS.get(name, ""))


def _words(name: str) -> str:
    """Turn a class's local name into words: ``CellSnapshot`` → ``cell snapshot``."""
    return "".join(f" {letter.lower()}" if letter.isupper() and i else letter.lower() for i, letter in enumerate(name))


@lru_cache(maxsize=1000)
def _told_from(folder: Path | None, path: str) -> str:
    if path == "-" or "://" in path:  # A finding in a store stands in a graph, of which the IRI is known.
        return path
    whole = Path(path).absolute()
    below = folder is not None and whole.is_relative_to(folder)
    return (whole.relative_to(folder) if folder and below else Path(path)).as_posix()
