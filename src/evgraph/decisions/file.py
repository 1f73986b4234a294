"""The curated file that keeps decisions: what it holds stays, and each new version of it is written whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode, Triple

from evgraph.characters import visible
from evgraph.errors import UnreadableError
from evgraph.namespaces import DCTERMS, ID, PROV, RDF, RDFS, XSD, curie
from evgraph.rdf.files import read_triples
from evgraph.rdf.positions import Reader
from evgraph.rdf.turtle import turtle
from evgraph.register import slug
from evgraph.regular_files import read_file
from evgraph.writing import refuse_link, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from evgraph.decisions.question import Choice, Question

_REFERENCE = f"{ID}ref/"


class Person(NamedTuple):
    """Who decides."""

    iri: str
    name: str = ""  # Where the file describes the person: the name.

    @classmethod
    def named(cls, text: str) -> Person:
        """Return the person with an IRI or a name; a name gets an IRI of its own, ``agent/jane-doe``."""
        is_iri = text.startswith(("https://", "http://", "urn:", "mailto:"))
        return cls(text) if is_iri else cls(f"{ID}agent/{slug(text)}", text)


def path_in(folder: Path, name: str) -> Path:
    """Return the path of a file of decisions in a dataset; raise UnreadableError if its folder is a symbolic link."""
    refuse_link(folder / "curated")
    return folder / "curated" / name


class DecisionFile:
    """A Turtle file with decisions.

    Args:
        path: need not exist.
        header: comments for the top of a new file, without the ``#``.
        by: who decides.
        day: when, ``2026-01-31``.

    Raises:
        UnreadableError: the file cannot be read, or is not well-formed Turtle.

    """

    def __init__(self, path: Path, header: str, by: Person, day: str) -> None:
        self.path, self.by, self.day = path, by, day
        self._before = self._read()
        self._triples = _without_blank(read_triples([path])) if self._before is not None else set[Triple]()
        if self._before is None:
            self._start = "".join(f"# {line}\n" for line in header.splitlines()).encode()
        else:
            self._start = self._before + (b"" if self._before.endswith(b"\n") or not self._before else b"\n")
        self._written = self._before

    def write(self, decisions: Iterable[tuple[Question, Choice]]) -> None:
        """Write the file anew: what it held in the beginning, and these decisions.

        Raises:
            UnreadableError: it cannot be written, or somebody else has changed it since; it is as it was.

        """
        if self._read() != self._written:
            raise UnreadableError(
                "changed while you were deciding; the last decision is not written",
                path=self.path,
                hint="start again: what is decided is not asked again",
            )
        content = self._start + self._rendered(list(decisions))
        write_file(self.path, content)
        self._written = content

    def _read(self) -> bytes | None:
        try:
            return read_file(self.path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableError(f"cannot be read: {error.strerror or error}", path=self.path) from None

    def _rendered(self, decisions: list[tuple[Question, Choice]]) -> bytes:
        triples = [statement for _, choice in decisions for statement in self._attributed(choice)]
        if not triples:
            return b""
        blocks = []
        person = [triple for triple in self._person(triples) if triple not in self._triples]
        if person:
            blocks.append(_block(person))
        for question, choice in decisions:
            note = f"# {visible(question.place)}: {visible(choice.name)}\n"
            statements = self._attributed(choice)
            if len(statements) == len(choice.statements):
                note += f"# Decided by {visible(self.by.name or curie(self.by.iri))}, {self.day}.\n"
            blocks.append(note + _block(statements))
        # A declaration that the file has is not repeated, but the last one of a prefix counts.
        own = Reader(self._start.decode("utf-8", "replace"), "")
        known = {f"@base <{own.base}> .", *(f"@prefix {name}: <{iri}> ." for name, iri in own.prefixes.items())}
        needed = turtle([*person, *triples]).decode().partition("\n\n")[0].splitlines()
        added = "\n".join(line for line in needed if line not in known)
        rendered = "\n".join(["", *([f"{added}\n"] if added else []), *blocks]).encode()
        parsed = ox.parse(self._start + rendered, format=ox.RdfFormat.TURTLE, base_iri=ID)
        if _without_blank(quad.triple for quad in parsed) != self._triples | set(person) | set(triples):
            raise UnreadableError("declares prefixes in a way that decisions cannot be added to", path=self.path)
        return rendered

    def _attributed(self, choice: Choice) -> list[Triple]:
        """Return the statements of a choice; those on a reference with who made them, and when."""
        references = {triple.subject for triple in choice.statements if _is_reference(triple.subject)}
        day = Literal(self.day, datatype=NamedNode(f"{XSD}date"))
        by = NamedNode(self.by.iri)
        added = [
            triple
            for reference in sorted(references, key=str)
            for triple in (
                Triple(reference, NamedNode(f"{PROV}wasAttributedTo"), by),
                Triple(reference, NamedNode(f"{DCTERMS}date"), day),
            )
        ]
        return [*choice.statements, *added]

    def _person(self, triples: list[Triple]) -> list[Triple]:
        iri = NamedNode(self.by.iri)
        if not self.by.name or iri not in {triple.object for triple in triples}:
            return []
        return [
            Triple(iri, NamedNode(f"{RDF}type"), NamedNode(f"{PROV}Agent")),
            Triple(iri, NamedNode(f"{RDFS}label"), Literal(self.by.name)),
        ]


def _is_reference(node: object) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(_REFERENCE)


def _without_blank(triples: Iterable[Triple]) -> set[Triple]:
    """Return the triples without blank nodes; the labels of those differ from one reading to the next."""
    return {
        triple
        for triple in triples
        if not isinstance(triple.subject, ox.BlankNode) and not isinstance(triple.object, ox.BlankNode)
    }


def _block(triples: Iterable[Triple]) -> str:
    return turtle(triples).decode().partition("\n\n")[2]
