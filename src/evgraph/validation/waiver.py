"""One finding, or several, that someone accepts: what it says, and what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from evgraph.namespaces import NOT_IN_IRI, expand
from evgraph.shacl.findings import path_text, term_text

if TYPE_CHECKING:
    import datetime

    from evgraph.rdf.positions import Place
    from evgraph.shacl.findings import Finding


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver.

    Attributes:
        rule: the name of the rule, as findings give it.
        focus: the IRI of the thing.
        reason: why the finding is accepted.
        who: who accepts it.
        path: the property, as an IRI or as findings write it; None for any.
        value: the value at fault, as an IRI, as findings write it, or its text alone; None for any.
        until: the last day on which it holds; None for good.
        place: where it stands.

    """

    rule: str
    focus: str
    reason: str
    who: str
    path: str | None
    value: str | None
    until: datetime.date | None
    place: Place

    def covers(self, finding: Finding) -> bool:
        """Whether it is about a finding."""
        return (
            finding.rule == self.rule
            and isinstance(finding.focus, NamedNode)
            and finding.focus.value == self.focus
            and (self.path is None or (finding.path is not None and _is_said(self.path, finding.path)))
            and (self.value is None or (finding.value is not None and _is_said(self.value, finding.value)))
        )

    @property
    def words(self) -> str:
        """What it waives, for a message."""
        about = " ".join(one for one in (term_text(NamedNode(self.focus)), self.path, self.value) if one)
        return f"{self.rule} for {about}"


def _is_said(text: str, term: object) -> bool:
    """Whether a waiver's words mean a path or a value."""
    if isinstance(term, NamedNode):
        return (read_iri(text) or text) == term.value
    if isinstance(term, Literal):
        return text in (term.value, term_text(term))
    return text == path_text(term)  # type: ignore[arg-type]  # What is left is a path that is no single property.


def read_iri(text: str) -> str | None:
    """Read a CURIE or an IRI; in angle brackets, one of any scheme."""
    inner = text[1:-1]
    bracketed = text.startswith("<") and text.endswith(">") and ":" in inner and not NOT_IN_IRI.search(inner)
    return expand(text) or (inner if bracketed else None)
