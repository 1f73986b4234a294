"""What became of the decisions in a folder's ``curated/``: which are used, cannot be used, or change nothing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from evgraph.namespaces import DCTERMS, EVG, ID, cell_name, curie
from evgraph.pages.html import web_address
from evgraph.rdf.files import find
from evgraph.rdf.positions import Place, statements_of
from evgraph.register import DOC
from evgraph.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from evgraph.pages.cell import Cell
    from evgraph.pages.dataset import EarlierCell
    from evgraph.register import Register

_TARGET, _RESOLUTION, _REPLACED = f"{EVG}target", f"{EVG}resolution", f"{DCTERMS}isReplacedBy"
_REFERENCE, _KEY = f"{ID}ref/", f"{DOC}u-"
_DECIDABLE = {"outside", "dangling"}


class DecisionReport(NamedTuple):
    """What became of decisions."""

    used: int  # Of how many references and documents of this run the decision counts.
    unusable: list[tuple[Place, str]]  # The place of each that leads nowhere, and why.
    without_effect: list[tuple[Place, str]]  # The place of each that changes nothing, and why.
    waiting: Counter[str]  # Cell of an earlier run, ``drug-E4`` → the decisions that its page must be read again for.


NOTHING = DecisionReport(0, [], [], Counter())
"""The report where nothing was written."""


class _Decision(NamedTuple):
    value: str
    place: Place


def report(
    folder: Path,
    cells: Mapping[str, Cell],
    earlier: Mapping[str, EarlierCell],
    register: Register,
    *,
    gone: Container[str] = (),
) -> DecisionReport:
    """Return what became of the decisions on references and documents in a folder's ``curated/``.

    Args:
        folder: the folder that is written.
        cells: the cells of this run, resolved: ``drug-E4`` → cell.
        earlier: the other cells in the folder.
        register: has the decisions, and documents.
        gone: what a new version of a page has no longer; decisions on it are not reported here again.

    Raises:
        UnreadableError: a file in ``curated/`` is not well-formed.

    """
    decisions = {subject: made for subject, made in _decisions(folder).items() if subject not in gone}
    return _Reporter(cells, earlier, register).report(decisions)


def _decisions(folder: Path) -> dict[str, dict[str, list[_Decision]]]:
    """Return subject → property → decisions, in the order of the files."""
    decisions = defaultdict[str, dict[str, list[_Decision]]](lambda: defaultdict(list))
    for file in find(sorted((folder / "curated").rglob("*.ttl"))):
        made = {
            (triple.subject.value, triple.predicate.value, triple.object.value)
            for triple in file.parsed()
            if isinstance(triple.subject, NamedNode)
            and isinstance(triple.object, NamedNode)
            and (
                (triple.subject.value.startswith(_REFERENCE) and triple.predicate.value in (_TARGET, _RESOLUTION))
                or (triple.subject.value.startswith(_KEY) and triple.predicate.value == _REPLACED)
            )
        }
        places = {
            (statement.subject, statement.predicate, statement.value): Place(
                file.path, statement.line, statement.column
            )
            for statement in statements_of(file, {subject for subject, _, _ in made})
        }
        nowhere = Place(file.path, 0, 0)
        for subject, predicate, value in sorted(made, key=lambda decision: (places.get(decision, nowhere), decision)):
            decisions[subject][predicate].append(_Decision(value, places.get((subject, predicate, value), nowhere)))
    return decisions


def _is_key(document: str) -> bool:
    return document.startswith(_KEY)


class _Reporter:
    def __init__(self, cells: Mapping[str, Cell], earlier: Mapping[str, EarlierCell], register: Register) -> None:
        self.register = register
        self.decided = {name: changes for cell in cells.values() for name, changes in cell.decided.items()}
        self.stated = {  # What earlier runs wrote; subject → cell, and the triples that may be decisions.
            triple.subject.value: name
            for name, cell in earlier.items()
            for triple in cell.triples
            if isinstance(triple.subject, NamedNode)
        }
        self.applied = {
            (triple.subject.value, triple.predicate.value, triple.object.value)
            for cell in earlier.values()
            for triple in cell.triples
            if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode)
        }
        self.mentioned = {value for _, _, value in self.applied}
        self.references = {reference.iri for cell in cells.values() for reference in cell.references}
        self.references.update(iri for iri in self.stated if iri.startswith(_REFERENCE))
        self.described = set(self.stated) | {iri for iri in register.by_subject if not iri.startswith(_REFERENCE)}
        for cell in cells.values():
            self.described |= {cell.iri, f"{ID}commentary/{cell.page.cell}", *filter(_is_key, cell.mentioned)}
            self.described |= {cell.section_iri(section.name) for section in cell.page.sections}
            self.described |= {iri for entry in cell.entries for iri in (entry.iri, *filter(_is_key, entry.documents))}
        self.result = DecisionReport(0, [], [], Counter())
        self.used = 0

    def report(self, decisions: Mapping[str, Mapping[str, list[_Decision]]]) -> DecisionReport:
        for subject, by_property in decisions.items():
            if subject.startswith(_REFERENCE):
                self._reference(subject, by_property.get(_TARGET, []), by_property.get(_RESOLUTION, []))
            else:
                self._document(subject, by_property[_REPLACED])
        for places in (self.result.unusable, self.result.without_effect):
            places.sort()
        return self.result._replace(used=self.used)

    def _reference(self, subject: str, targets: list[_Decision], resolutions: list[_Decision]) -> None:
        first = (targets or resolutions)[0]
        name = self._name(subject)
        if not name:
            cell = subject.removeprefix(_REFERENCE).partition("/")[0]
            alike = [curie(iri) for iri in self.references if iri.startswith(f"{_REFERENCE}{cell}/")]
            known = alike or map(curie, self.references)
            self._unusable(first, f"no page has {curie(subject)}{did_you_mean(curie(subject), known)}")
            return
        settled = self.register.settled[subject]
        for resolution in resolutions:
            notation = resolution.value.rpartition("/")[2]
            if notation not in _DECIDABLE and not (targets and notation == "resolved"):
                self._unusable(resolution, f"a person can decide on outside or dangling, not on '{notation}'")
                return
        counts = [target for target in targets if target.value == settled.target]
        for target in targets:
            if target not in counts[-1:] or settled.resolution == "dangling":
                other = curie(settled.target) if settled.resolution != "dangling" else "resolution:dangling"
                self._without_effect(target, f"{curie(subject)} is also decided to be {other}, which counts")
        is_target_used = counts and settled.resolution != "dangling"
        if is_target_used and (wrong := self._wrong_target(subject, settled.target, settled.resolution)):
            self._unusable(counts[-1], wrong)
            return
        if name in self.decided:
            if self.decided[name]:
                self.used += 1
            else:
                self._without_effect((counts or resolutions)[-1], f"the page says the same of {curie(subject)}")
        elif (name, _TARGET if targets else _RESOLUTION, (counts or resolutions)[-1].value) not in self.applied:
            self.result.waiting[self.stated[name]] += 1

    def _wrong_target(self, subject: str, target: str, resolution: str) -> str:
        """Return what is wrong with a target, or an empty text."""
        may_be_address = resolution == "outside" or re.search(r"/search-[0-9-]+$", subject)
        if may_be_address and not target.startswith(ID) and web_address(target):
            return ""
        if target in self.described or (target.startswith(f"{ID}cell/") and cell_name(target.rpartition("/")[2])):
            return ""
        if web_address(target) and not target.startswith(ID):
            return (
                f"{target} is no target in the graph, and {curie(subject)} is no search; add evg:resolution"
                " resolution:outside, or name the target"
            )
        kind = target.removeprefix(ID).partition("/")[0]
        alike = (curie(iri) for iri in self.described if iri.startswith(f"{ID}{kind}/"))
        return f"nothing describes {curie(target)}, the target of {curie(subject)}{did_you_mean(curie(target), alike)}"

    def _document(self, subject: str, replacements: list[_Decision]) -> None:
        for replacement in replacements:
            if replacement.value not in self.described:
                alike = (curie(iri) for iri in self.described if iri.startswith(DOC) and not iri.startswith(_KEY))
                near = did_you_mean(curie(replacement.value), alike)
                self._unusable(replacement, f"nothing describes {curie(replacement.value)}{near}")
                return
        if subject in self.decided:
            if self.decided[subject]:
                self.used += 1
            else:
                self._without_effect(replacements[0], f"the page's own link says the same of {curie(subject)}")
        elif subject in self.stated:
            self.result.waiting[self.stated[subject]] += 1
        elif self.mentioned.isdisjoint(replacement.value for replacement in replacements):
            self._unusable(replacements[0], f"no page has a document with the key {curie(subject)}")

    def _name(self, subject: str) -> str:
        """Return the name that a page has for a reference; empty where none has it."""
        if subject in self.references or subject in self.decided:
            return subject
        cell, name, *rest = subject.removeprefix(_REFERENCE).split("/")
        # From before the entry's document was identified.
        for document in self.register.decisions.get(f"{DOC}{name}", ()):
            iri = "/".join([f"{_REFERENCE}{cell}", document.removeprefix(DOC), *rest])
            if iri in self.references:
                return iri
        return ""

    def _unusable(self, decision: _Decision, reason: str) -> None:
        self.result.unusable.append((decision.place, reason))

    def _without_effect(self, decision: _Decision, reason: str) -> None:
        self.result.without_effect.append((decision.place, reason))
