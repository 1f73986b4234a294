"""The plan of a run of fixes: which files change, and the proof that it does no harm.

Only the text of the statements at fault is edited. The result is parsed, to see that nothing else has changed, and
validated, to see that the findings are gone and that there are no new ones.
"""

from __future__ import annotations

import os
import re
import stat
from codecs import BOM_UTF8
from collections import defaultdict
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.errors import UnreadableError
from evgraph.rdf.positions import Place
from evgraph.rdf.turtle_edits import Renaming, TurtleText
from evgraph.regular_files import read_file
from evgraph.validation.fixes.fixes import DataIndex, fix_of
from evgraph.validation.locations import ingested
from evgraph.writing import replace_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.rdf.turtle_edits import Change
    from evgraph.shacl.findings import Finding
    from evgraph.validation.fixes.fixes import FileChange
    from evgraph.validation.report import Report

_BY_INGEST = "ingest the page again; files that ingest writes are not fixed"


class Offer(NamedTuple):
    """The fix of a finding, as reports show it."""

    description: str  # What to do (``write 2007``).
    by_ingest: bool = False  # Whether ingest writes the file of the statement.

    def __str__(self) -> str:
        """``fix: write 2007``, or why evgraph does not do it."""
        return _BY_INGEST if self.by_ingest else f"fix: {self.description}"


class ChangedFile(NamedTuple):
    """A file with its bytes before and after."""

    file: DataFile
    before: bytes
    after: bytes


class PlacedEdit(NamedTuple):
    """Text in place of what is between two places of a file."""

    start: Place
    end: Place
    text: str


class Plan(NamedTuple):
    """The changes of a run of fixes."""

    files: Sequence[ChangedFile] = ()
    fixed: Sequence[Finding] = ()
    held_back: Mapping[Finding, str] = MappingProxyType({})  # Finding that is not fixed → why.
    unfit: str = ""  # A file whose text cannot be edited as intended; empty in a plan that may be written.


def offers(
    findings: Iterable[Finding], locations: Mapping[Finding, Place], data: Sequence[DataFile]
) -> Mapping[Finding, Offer]:
    """Return the fixes of findings in files, as `plan` would try them, without a proof."""
    files, index = {file.path: file for file in data}, DataIndex(data)
    found = {}
    for finding in findings:
        file = files.get(locations[finding].path) if finding in locations else None
        fix = fix_of(finding) if file and (ingested(file) or _is_editable(file)) else None
        if file and fix and (fix.certain or fix.changes(index)):
            found[finding] = Offer(fix.description, ingested(file))
    return found


def edits_of(findings: Iterable[Finding], data: Sequence[DataFile]) -> Mapping[Finding, Sequence[PlacedEdit]]:
    """Return the edits of text that `plan` would try for each finding, in the order of the text."""
    changes = {
        finding: file_changes for finding, file_changes in _changes(findings, data).items() if _editable(file_changes)
    }
    texts = _texts(changes.values())

    def placed(file: DataFile, change: Change | Renaming) -> Iterator[PlacedEdit]:
        place = texts[file].place
        for start, end, words in texts[file].edits(change):
            yield PlacedEdit(Place(file.path, *place(start)), Place(file.path, *place(end)), words)

    return {
        finding: sorted({edit for file, change in file_changes for edit in placed(file, change)})
        for finding, file_changes in changes.items()
    }


def plan(
    findings: Sequence[Finding],
    report: Report,
    data: Sequence[DataFile],
    validate: Callable[[Sequence[DataFile]], Report],
) -> Plan:
    """Find which findings can be fixed, and prove it.

    `report` is that of the data, with notices as findings (`evgraph.validation.notices.strict`), and `validate`
    validates files in the same way.
    """
    before = {_identity(finding) for finding in report.findings}

    def harm(tried: Plan) -> str:
        """Return why changes must not be written: a finding remains or is new; empty where all is well."""
        if tried.unfit or not tried.files:
            return tried.unfit and f"evgraph cannot edit the text of {tried.unfit}"
        bodies = {changed.file: changed.after.removeprefix(BOM_UTF8) for changed in tried.files}
        after = validate([file._replace(body=bodies[file]) if file in bodies else file for file in data]).findings
        if new := next((finding for finding in after if _identity(finding) not in before), None):
            return f"it would cause {new.rule} ({new.triple})"
        remaining = {_identity(finding) for finding in after}
        finding = next((finding for finding in tried.fixed if _identity(finding) in remaining), None)
        return f"{finding.rule} would remain ({finding.triple})" if finding else ""

    everything = _attempt(findings, data)
    if not harm(everything):
        return everything
    kept = Plan()
    held_back = dict(everything.held_back)
    for rule in sorted({finding.rule for finding in everything.fixed}):  # Which rule is it? Try one after another.
        of_rule = [finding for finding in everything.fixed if finding.rule == rule]
        more = _attempt([*kept.fixed, *of_rule], data)
        if why := harm(more):
            held_back |= dict.fromkeys(of_rule, why)
        else:
            kept = more
    return Plan(kept.files, kept.fixed, held_back)


def diff(files: Iterable[ChangedFile]) -> str:
    """Write changes as a unified diff, as ``patch`` and ``git apply`` read it."""
    import difflib

    pieces: list[str] = []
    for changed in files:
        before, after = (re.findall(r"[^\n]*\n|[^\n]+", body.decode()) for body in (changed.before, changed.after))
        path = Path(changed.file.path).as_posix()
        lines = difflib.unified_diff(before, after, path, path)
        pieces += (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(pieces)


def write(files: Sequence[ChangedFile]) -> None:
    """Write all changed files or none.

    Raise UnreadableError if one has changed since it was read, is read-only, or cannot be written.
    """
    paths = {Path(changed.file.path): changed for changed in files}
    for path, changed in paths.items():
        if _raw_content(changed.file) != changed.before:
            raise UnreadableError("changed while it was checked; nothing was written", path=path, hint="run again")
        if not path.stat().st_mode & stat.S_IWUSR or not os.access(path, os.W_OK):
            raise UnreadableError("is read-only; nothing was written", path=path, hint="make it writable")
    replace_files({path: changed.after for path, changed in paths.items()})


def _changes(findings: Iterable[Finding], data: Sequence[DataFile]) -> dict[Finding, list[FileChange]]:
    index = DataIndex(data)
    fixes = {finding: fix for finding in findings if (fix := fix_of(finding))}
    return {finding: changes for finding, fix in fixes.items() if (changes := fix.changes(index))}


def _attempt(findings: Iterable[Finding], data: Sequence[DataFile]) -> Plan:
    """Edit the files of all findings that can be fixed there."""
    changes = _changes(findings, data)
    fixed = [finding for finding, file_changes in changes.items() if _editable(file_changes)]
    held_back = {
        finding: _BY_INGEST
        for finding, file_changes in changes.items()
        if any(ingested(file) for file, _ in file_changes)
    }
    texts = _texts(changes[finding] for finding in fixed)
    changed_files, unfit = [], ""
    for file, text in sorted(texts.items(), key=lambda item: item[0].path):
        after = text.edited()
        if not _is_exact(file, after.encode(), text.changes):
            unfit = file.path
        changed_files.append(ChangedFile(file, (text.mark + text.text).encode(), (text.mark + after).encode()))
    return Plan(changed_files, fixed, held_back, unfit)


def _texts(changes: Iterable[Sequence[FileChange]]) -> dict[DataFile, TurtleText]:
    """Read each file to be changed."""
    by_file: dict[DataFile, dict[Change | Renaming, None]] = defaultdict(dict)  # Each change once.
    for file, change in chain.from_iterable(changes):
        by_file[file][change] = None
    return {
        file: TurtleText(
            _raw_content(file).decode(),
            file.base,
            line_by_line=file.format.name == "ntriples",
            changes=of_file,
        )
        for file, of_file in by_file.items()
    }


def _is_exact(file: DataFile, body: bytes, changes: Iterable[Change | Renaming]) -> bool:
    """Whether a text states the changed triples and no others."""
    expected = _triples(file)
    for change in sorted(changes, key=lambda change: isinstance(change, Renaming)):
        expected = change.apply(expected)
    try:
        return _triples(file._replace(body=body)) == expected
    except UnreadableError:
        return False


def _triples(file: DataFile) -> set[ox.Triple]:
    """Return the triples without blank nodes, whose labels differ in each reading."""
    return {
        quad.triple
        for quad in file.parsed()
        if not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode)
    }


def _editable(changes: Sequence[FileChange]) -> bool:
    return bool(changes) and all(_is_editable(file) for file, _ in changes)


def _is_editable(file: DataFile) -> bool:
    return file.path != "-" and file.format.name in {"turtle", "ntriples"} and not ingested(file)


def _identity(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.focus, finding.path, finding.value, finding.component


def _raw_content(file: DataFile) -> bytes:
    """Read a file with its byte-order mark."""
    try:
        return read_file(Path(file.path))
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror or error}", path=file.path) from None
