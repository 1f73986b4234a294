"""Questions about the references that ingest could not settle, from the folder that it wrote."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from evgraph import register as registry
from evgraph import shipped_files
from evgraph.decisions.question import Choice, Question, cell_name
from evgraph.errors import EvgraphError, UnreadableError, UsageError
from evgraph.namespaces import DCTERMS, EVG, ID, OA, RDF, RDFS, SCHEMA, curie, expand, scheme
from evgraph.pages.dataset import has_own_register
from evgraph.pages.html import web_address
from evgraph.pages.words import words_of_references
from evgraph.query.passages import Passages
from evgraph.rdf.files import always_loaded, find, read_triples, report_all_broken
from evgraph.register import REGISTER_FILES
from evgraph.store.embedded import EmbeddedStore
from evgraph.text import did_you_mean, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from evgraph.pages.source import Source
    from evgraph.pages.words import ReferenceWords
    from evgraph.register import Register

HEADER = """\
Decisions on references. You may edit this file; further decisions are added at its end.
A reference means its evg:target. Where it has none, its evg:resolution says why: the target is outside the pages, or
nobody can find it (dangling)."""
"""The comment at the top of a file of such decisions."""

_TARGET, _RESOLUTION = NamedNode(f"{EVG}target"), NamedNode(f"{EVG}resolution")
_NEVER_TARGETS = {"intro", "caption", "pull-quote", "issues"}  # Roles of sections that no reference means.
_LINKS = {  # Kind of reference → the link between documents that it states.
    "corresponding": "{source} corresponds to {target}",
    "related": "{source} is related to {target}",
    "see-also": "{source} points on to {target} (see also)",
    "implementation": "one of {source} and {target} puts the other into practice",
}
# Kind of reference → the classes of its targets; of all other kinds `_THINGS`.
_CLASSES = {"cell": {"Cell"}, "commentary": {"Section", "Commentary"}, "search": set[str]()}
_THINGS = {"Entry", "Section", "Document"}
_DOCUMENTS = {
    "corresponding": "Study",
    "implementation": "Guidance",
}  # Kind → the class of the documents that it links.


class UnsettledReferences(NamedTuple):
    """What a person must settle in a folder."""

    questions: list[Question]
    complaints: list[str]  # Pages whose words cannot be shown, and why.


def unsettled(
    folder: Path,
    pages: Path | None = None,
    *,
    also_decided_in: Sequence[Path] = (),
) -> UnsettledReferences:
    """Return a question for each ambiguous and dangling reference of a folder that nobody has decided on.

    With pages, what a careful reader would take a reference to mean comes first, with the reason.

    Args:
        folder: one that ingest wrote, with ``cells/``; its ``curated/`` has decisions.
        pages: a page or a folder of pages, for the words of the references.
        also_decided_in: files with decisions elsewhere; those that are missing are left out.

    Raises:
        UnreadableError: there is no such folder, it holds no cells, or a file in it is not well-formed; or there are
            no pages.

    """
    if not folder.is_dir():
        raise UnreadableError("no such folder", path=folder, hint="check the name")
    files = sorted((folder / "cells").glob("*.ttl"))
    if not files:
        raise UnreadableError("holds no cells/*.ttl", path=folder, hint="name a folder that pages were ingested into")
    curated = sorted((folder / "curated").rglob("*.ttl"))
    curated += [path for path in also_decided_in if path.is_file() and path not in curated]
    found = [
        *always_loaded(),
        *find([*files, *(path for name in REGISTER_FILES if (path := folder / name).is_file()), *curated]),
    ]
    store = EmbeddedStore()
    with report_all_broken(found):
        for file in found:
            store.load(file)
    decided = {
        triple.subject.value
        for triple in read_triples(curated)
        if triple.predicate in (_TARGET, _RESOLUTION) and isinstance(triple.subject, NamedNode)
    }
    graph, passages = _Graph(quad.triple for file in found for quad in file.quads()), Passages(store, pages)
    references = [iri for iri in graph.unsettled() if iri not in decided]
    passages.look_up(passage for iri in references for passage in graph.values(iri, "evg:statedIn"))
    register = registry.load([folder if has_own_register(folder) else shipped_files.data()], output=folder)
    asker = _Asker(graph, passages, register)
    questions = [asker.question(iri) for iri in sorted(references, key=asker.order)]
    return UnsettledReferences(questions, passages.complaints())


class _Graph:
    """A graph, indexed by subject and property; everything is text."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._values = defaultdict[str, dict[str, list[str]]](lambda: defaultdict(list))
        for triple in triples:
            if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
                self._values[triple.subject.value][triple.predicate.value].append(triple.object.value)

    def values(self, subject: str, name: str) -> list[str]:
        return self._values[subject][expand(name) or name] if subject in self._values else []

    def value(self, subject: str, name: str) -> str:
        return next(iter(self.values(subject, name)), "")

    def notation(self, subject: str, name: str) -> str:
        return self.value(subject, name).rpartition("/")[2]

    def targets(self, kind: str) -> list[str]:
        """Return whatever a reference of a kind may mean."""
        return [iri for iri in list(self._values) if self.fits(kind, iri)]

    def fits(self, kind: str, iri: str) -> bool:
        """Return whether a reference of a kind may mean a thing."""
        if self._classes(iri).isdisjoint(_CLASSES.get(kind, _THINGS)):
            return False
        documents = self._documents(iri)
        needed = _DOCUMENTS.get(kind)
        return not needed or not documents or needed in self._classes(documents[0])

    def _classes(self, iri: str) -> set[str]:
        return {cls.removeprefix(EVG) for cls in self.values(iri, f"{RDF}type")}

    def _documents(self, iri: str) -> list[str]:
        return self.values(iri, "evg:lists") or ([iri] if iri.startswith(f"{ID}doc/") else [])

    def references(self) -> list[str]:
        """Return the references that pages have; those that a person has added have two numbers."""
        return [
            iri
            for iri, values in self._values.items()
            if f"{EVG}Reference" in values[f"{RDF}type"] and not re.search(r"-\d+-\d+$", iri)
        ]

    def unsettled(self) -> list[str]:
        """Return the references without a target that are as their pages have them."""
        open_resolutions = {scheme("resolution", notation) for notation in ("ambiguous", "dangling")}
        return [
            iri
            for iri in self.references()
            if not open_resolutions.isdisjoint(self.values(iri, "evg:resolution"))
            and all(agent.startswith(f"{ID}snapshot/") for agent in self.values(iri, "prov:wasAttributedTo"))
        ]

    def things_in(self, cell: str, class_name: str) -> list[str]:
        """Return the entries or the sections of a cell, in the order of the page."""
        name = "evg:inCell" if class_name == "Entry" else "evg:ofCell"
        things = [
            iri
            for iri, values in self._values.items()
            if f"{EVG}{class_name}" in values[f"{RDF}type"] and cell in values[expand(name) or ""]
        ]
        return sorted(things, key=self.position)

    def position(self, iri: str) -> tuple[int, str]:
        position = self.value(iri, "schema:position")
        return (int(position) if position.isdecimal() else 0), iri

    def name(self, iri: str) -> str:
        """Return what a thing is called, which one it is, and its cell."""
        title = next(
            (
                value
                for name in (f"{SCHEMA}headline", f"{DCTERMS}title", f"{RDFS}label")
                if (value := self.value(iri, name))
            ),
            "",
        )
        quoted = f"“{title}”" if title else curie(iri)
        cell = cell_name(iri)
        if iri.startswith(f"{ID}entry/"):
            date = self.value(iri, "evg:statedDate")
            number = self.value(iri, "schema:position")
            return f"{quoted}{f' ({date})' if date else ''}, entry {number} of {cell}"
        if iri.startswith(f"{ID}section/"):
            return f"{quoted}, {iri.rpartition('/')[2].replace('-', ' ')} of {cell}"
        return quoted if title else curie(iri)

    def document(self, iri: str) -> str:
        """Return the name of the document that an entry lists, or of a document; empty for anything else."""
        labels = [self.value(document, "rdfs:label") or curie(document) for document in self._documents(iri)[:1]]
        return f"“{labels[0]}”" if labels else ""


class _Asker:
    """Puts the questions."""

    def __init__(self, graph: _Graph, passages: Passages, register: Register) -> None:
        self.graph, self.passages = graph, passages
        self._words = cache(partial(_words_of, register=register))
        self._things = cache(graph.things_in)
        self._alike = defaultdict[tuple[str, str], list[str]](list)  # Passage and kind → references, in their order.
        for iri in sorted(graph.references(), key=_numbered):
            self._alike[self._passage(iri), graph.notation(iri, "evg:referenceKind")].append(iri)

    def order(self, iri: str) -> tuple[str, int, int, str, tuple[str, int]]:
        return (*self.passages.order(self._passage(iri)), _numbered(iri))

    def question(self, iri: str) -> Question:
        graph = self.graph
        passage, source = self._passage(iri), graph.value(iri, "evg:source")
        kind = graph.notation(iri, "evg:referenceKind")
        stated = graph.values(iri, "evg:candidate")
        targets = sorted(stated, key=graph.position) or self._possible(kind, source)
        meanings = plural(len(stated), "thing")
        heading = f"ambiguous: it may mean {meanings}" if stated else "dangling: its target is lost"
        details = [f"in {graph.name(source)}"]
        if not targets and kind == "commentary":
            details.append(
                "The page was saved without its Matrix Bite (the commentary), which has the target: save the page with"
                " the Matrix Bite unfolded, as HTML, and ingest it again."
            )
        words = self._words_of(iri, passage, kind)
        reading = words.reading if words else None
        reasons = {reading.target: reading.reason} if reading and reading.target in targets else {}
        targets = [*reasons, *(target for target in targets if target not in reasons)]
        choices = [
            Choice(str(number), graph.name(target), self._meaning(kind, source, target), (_target(iri, target),),
                   f"proposed: {reasons[target]}" if target in reasons else "")
            for number, target in enumerate(targets, 1)
        ]  # fmt: skip
        choices += [
            Choice("o", "outside", "the target is not among the pages", (_resolution(iri, "outside"),)),
            Choice("l", "lost", "the link led somewhere that nobody can find", (_resolution(iri, "dangling"),)),
        ]

        def typed(text: str) -> Choice:
            return self._typed(iri, kind, source, text)

        def combined(chosen: Sequence[Choice]) -> Choice:
            return _combined(iri, chosen)

        return Question(
            subject=iri,
            place=self._place(passage),
            heading=heading,
            details=tuple(details),
            choices=tuple(choices),
            passage=self._words_in(passage, words),
            combined=combined if len(targets) > 1 else None,
            typed=typed,
            typed_name="a web address" if kind == "search" else "another target, by its IRI, or its web address",
        )

    def _passage(self, iri: str) -> str:
        return self.graph.value(iri, "evg:statedIn")

    def _possible(self, kind: str, source: str) -> list[str]:
        """Return what a reference whose page names no target may mean."""
        cell = f"{ID}cell/{source.removeprefix(ID).split('/')[1]}"
        if kind == "search":
            return []
        if kind == "commentary":
            sections = self._things(cell, "Section")
            return [
                section for section in sections if self.graph.notation(section, "evg:sectionRole") not in _NEVER_TARGETS
            ]
        return [entry for entry in self._things(cell, "Entry") if entry != source and self.graph.fits(kind, entry)]

    def _meaning(self, kind: str, source: str, target: str) -> str:
        """Return what the graph states if a reference means a target."""
        graph = self.graph
        own, other = graph.document(source), graph.document(target)
        if source.startswith(f"{ID}section/") and other:
            return f"{other} is discussed in {graph.name(source)}"
        if kind == "commentary" and own:
            return f"{own} is discussed in {graph.name(target)}"
        if kind in _LINKS and own and other and own != other:
            return _LINKS[kind].format(source=own, target=other)
        return "this is what the words mean; no link between documents"

    def _typed(self, iri: str, kind: str, source: str, text: str) -> Choice:
        address = web_address(text)
        target = expand(text)
        if target and target.startswith(ID):
            if not self.graph.fits(kind, target):
                near = did_you_mean(curie(target), map(curie, self.graph.targets(kind)))
                raise UsageError(f"nothing in the data that a reference of the kind {kind} may mean is {text}{near}")
            name = self.graph.name(target)
            return Choice("t", name, self._meaning(kind, source, target), (_target(iri, target),))
        if address and kind == "search":
            return Choice("t", address, "the link of the search leads there", (_target(iri, address),))
        if address:
            statements = (_target(iri, address), _resolution(iri, "outside"))
            return Choice("t", address, "the target is outside the graph, at this address", statements)
        raise UsageError(f"'{text}' is neither a web address nor a name such as entry:drug-E4/timko-2007")

    def _place(self, passage: str) -> str:
        found = self.passages.source_of(passage)
        if found:
            source, location = found
            return f"{source.path}:{location.line}"
        return self.passages.name(passage)

    def _words_of(self, iri: str, passage: str, kind: str) -> ReferenceWords | None:
        """Return the words of a reference; None where its page is not at hand, or is read in another way now."""
        found, alike = self.passages.source_of(passage), self._alike[passage, kind]
        if not found:
            return None
        source, (_, _, start, end) = found
        words = self._words(source, found[1].cell).get((start, end, kind), [])
        return words[alike.index(iri)] if len(words) == len(alike) else None

    def _words_in(self, passage: str, words: ReferenceWords | None) -> tuple[str, str, str] | None:
        """Return the text of a passage, with the words of a reference apart where they are known."""
        found = self.passages.source_of(passage)
        if not found:
            exact = self.graph.value(passage, f"{OA}exact")
            return (exact, "", "") if exact else None
        source, (_, _, start, end) = found
        if not words:
            return source.text[start:end], "", ""
        span = words.span
        return source.text[start : span.start], source.slice(span), source.text[span.end : end]


def _words_of(source: Source, cell: str, *, register: Register) -> Mapping[tuple[int, int, str], list[ReferenceWords]]:
    try:
        return words_of_references(source, cell.replace("-", ":"), register)
    except EvgraphError:
        return {}  # It was read as the page of another cell.


def _numbered(iri: str) -> tuple[str, int]:
    """Return the IRI of a reference without its number, and the number: sorts 10 after 9."""
    stem, _, number = iri.rpartition("-")
    return (stem, int(number)) if re.fullmatch(r"[0-9]{1,9}", number) else (iri, 0)


def _combined(iri: str, chosen: Sequence[Choice]) -> Choice:
    """Return the choice of several targets: each but the first gets a reference of its own, with the same words."""
    statements = tuple(
        Triple(NamedNode(iri if number == 1 else f"{iri}-{number}"), statement.predicate, statement.object)
        for number, choice in enumerate(chosen, 1)
        for statement in choice.statements
    )
    names, meanings = (
        "; ".join(dict.fromkeys(values))
        for values in ([choice.name for choice in chosen], [choice.meaning for choice in chosen])
    )
    return Choice(",".join(choice.key for choice in chosen), names, meanings, statements)


def _target(iri: str, target: str) -> Triple:
    return Triple(NamedNode(iri), _TARGET, NamedNode(target))


def _resolution(iri: str, notation: str) -> Triple:
    return Triple(NamedNode(iri), _RESOLUTION, NamedNode(scheme("resolution", notation)))
