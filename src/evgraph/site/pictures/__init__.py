"""Pictures as SVG, drawn from plain data: the functions know neither the graph nor the pages.

Each returns markup for a template, with a title, a description, and links in reading order. A picture is as wide as its
place, and its text keeps its size, so that it reads on a window of 320 pixels. Colours come from the style sheet by
class: the marker's letter, ``quiet``, ``line``. A page shows the same content as a list or a table beside the picture.

- `timeline`: documents by year
- `age`: the span of years of each group
- `citations`: who cites what, by year
- `coverage`: the squares of a matrix with their counts
- `neighbourhood`: what a thing is linked to, one step out
- `arcs`: the links between the rows of a list
"""

from evgraph.site.pictures.arcs import Arc, Row, arcs
from evgraph.site.pictures.coverage import Square, coverage
from evgraph.site.pictures.neighbourhood import MOST, Neighbour, neighbourhood
from evgraph.site.pictures.years import Citation, Document, Span, age, citations, timeline

__all__ = [
    "MOST",
    "Arc",
    "Citation",
    "Document",
    "Neighbour",
    "Row",
    "Span",
    "Square",
    "age",
    "arcs",
    "citations",
    "coverage",
    "neighbourhood",
    "timeline",
]
