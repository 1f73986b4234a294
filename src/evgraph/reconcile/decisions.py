"""Proposals of sameness as a Turtle file in which a person decides by uncommenting lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evgraph.namespaces import DCTERMS, ID, OWL, PLAIN_LOCAL, curie

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.reconcile.proposals import Proposal

_DOC = f"{ID}doc/"
_HEAD = f"""\
# Which new documents may be known ones. For each proposal remove the "# " before one of its two lines: before
# dcterms:isReplacedBy to accept it, before owl:differentFrom to reject it for good. Then put this file into curated/
# beside the data and ingest the pages again.

@prefix dcterms: <{DCTERMS}> .
@prefix doc: <{_DOC}> .
@prefix owl: <{OWL}> .
"""


def decisions(proposals: Sequence[Proposal]) -> str:
    """Write proposals as Turtle (all of it comments until somebody decides), the likeliest of a document first."""
    parts = [_HEAD]
    for one in proposals:
        new, known = _term(one.new), _term(one.known)
        parts.append(
            f"# {_line(one.new_label)}\n#   may be {_line(one.known_label)}:\n"
            + "".join(f"#   - {_line(reason)}\n" for reason in one.evidence)
            + f"# {new} dcterms:isReplacedBy {known} .\n# {new} owl:differentFrom {known} .\n"
        )
    return "\n".join(parts)


def _term(iri: str) -> str:
    plain = iri.startswith(_DOC) and PLAIN_LOCAL.fullmatch(iri.removeprefix(_DOC))
    return curie(iri) if plain else f"<{iri}>"


def _line(words: str) -> str:
    """Keep a text on one line, so that no part of it leaves the comment."""
    return " ".join(words.split())
