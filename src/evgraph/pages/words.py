"""The words of references in a page, by the sentence and the kind that the graph has for each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from evgraph.pages.cell import identify
from evgraph.pages.layout import read_page
from evgraph.pages.readings import Reading, readings
from evgraph.pages.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evgraph.pages.source import Source, Span
    from evgraph.register import Register


class ReferenceWords(NamedTuple):
    """The words of a reference, and what a careful reader would take them to mean, if that is plain."""

    span: Span
    reading: Reading | None


def words_of_references(
    source: Source, cell: str, register: Register
) -> Mapping[tuple[int, int, str], list[ReferenceWords]]:
    """Return the words of the references of a page of a cell (``drug:E4``), in their order.

    Returns:
        Start and end of the passage, and kind → the words of each such reference. References of one kind in one passage
        are numbered in this order.

    Raises:
        EvgraphError: the source is no page of the cell.

    """
    identified = identify(read_page(source, cell), register)
    resolve(identified, register)
    proposed = {reading.reference: reading for reading in readings(identified)}
    words = defaultdict[tuple[int, int, str], list[ReferenceWords]](list)
    for reference in identified.references:
        phrase = reference.phrase
        words[(*phrase.sentence, phrase.kind.value)].append(ReferenceWords(phrase.span, proposed.get(reference.iri)))
    return words
