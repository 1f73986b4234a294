"""The citations of a `Graph`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from evgraph.characters import printable
from evgraph.formats import CITATION_FORMATS
from evgraph.python.hints import in_python
from evgraph.python.values import text_of

if TYPE_CHECKING:
    from evgraph.python.things import OpenGraph, Thing


class Citable:
    """What a `Graph` inherits to be cited."""

    @in_python()
    def cite(self: OpenGraph, thing: str | Thing, *, format: str = "text") -> str:  # noqa: A002 - the command's word
        """Return how to cite a document, a cell, a matrix or the dataset, like ``evgraph cite THING``.

        >>> print(evgraph.open().cite("models-of-care-2006").partition(" (")[0])
        Models of care for alcohol misusers

        Args:
            thing: a thing of the graph, an IRI, a CURIE, a DOI, a name, or ``"dataset"``. A warning says which thing
                was taken for a name.
            format: ``text``, ``bibtex``, ``ris`` or ``csl`` (CSL-JSON).

        Raises:
            UsageError: the format is not known, or the thing cannot be cited, or several things have this name.

        """
        from evgraph.export.citations import citation, named

        kind = CITATION_FORMATS.choose(format, None)
        notes: list[str] = []
        cited = citation(self.store, named(self.store, text_of("thing", thing), notes))
        for note in notes:
            warnings.warn(printable(note), stacklevel=3)
        return "".join(kind.write([cited]))
