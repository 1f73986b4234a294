"""Proposals as a Turtle file, in which a person decides by uncommenting lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import DCTERMS, ID, OWL, PLAIN_LOCAL, curie

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.reconcile.proposals import Proposal

_DOC = f"{ID}doc/"
_HEAD = f"""\
# Proposals: which new documents may be known ones. In each, remove the "# " from one of its two lines of Turtle:
# dcterms:isReplacedBy accepts the proposal, owl:differentFrom rejects it for good. Then put this file into curated/
# in the folder of the data and ingest the pages again.

@prefix dcterms: <{DCTERMS}> .
@prefix doc: <{_DOC}> .
@prefix owl: <{OWL}> .
"""


def decisions(proposals: Sequence[Proposal]) -> str:
    """Return proposals as Turtle, in which every decision is still a comment."""
    parts = [_HEAD]
    for proposal in proposals:
        new, known = _term(proposal.new), _term(proposal.known)
        parts.append(
            f"# {_line(proposal.new_label)}\n#   may be {_line(proposal.known_label)}:\n"
            + "".join(f"#   - {_line(reason)}\n" for reason in proposal.evidence)
            + f"# {new} dcterms:isReplacedBy {known} .\n# {new} owl:differentFrom {known} .\n"
        )
    return "\n".join(parts)


def _term(iri: str) -> str:
    plain = iri.startswith(_DOC) and PLAIN_LOCAL.fullmatch(iri.removeprefix(_DOC))
    return curie(iri) if plain else f"<{iri}>"


def _line(words: str) -> str:
    """Return a text on one line, so that all of it stays in the comment."""
    return " ".join(words.split())
