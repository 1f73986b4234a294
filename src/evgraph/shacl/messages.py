"""The messages of shapes; a shape without any gets one about the constraint that was not met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import SH, curie
from evgraph.shacl import paths
from evgraph.shacl.findings import term_text
from evgraph.shacl.shapes_graph import MalformedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import ShapesGraph
    from evgraph.store.protocol import Term

_MESSAGES = {
    "class": "The value is not of the class {0}.",
    "datatype": "The value is not a well-formed literal of the datatype {0}.",
    "nodeKind": "The value is not of the kind {0}.",
    "minCount": "There must be {0} or more values of {path}.",
    "maxCount": "There must be no more than {0} values of {path}.",
    "minInclusive": "The value is not {0} or more.",
    "minExclusive": "The value is not more than {0}.",
    "maxInclusive": "The value is not {0} or less.",
    "maxExclusive": "The value is not less than {0}.",
    "minLength": "The text is shorter than {0} characters.",
    "maxLength": "The text is longer than {0} characters.",
    "pattern": "The text does not match {0}.",
    "languageIn": "The language is none of {0}.",
    "uniqueLang": "Two values have the same language.",
    "equals": "The values differ from those of {0}.",
    "disjoint": "The value is one of {0} too.",
    "lessThan": "The value is not less than that of {0}.",
    "lessThanOrEquals": "The value is more than that of {0}.",
    "hasValue": "There must be the value {0}.",
    "in": "The value is none of {0}.",
    "closed": "The shape allows no other properties than its own.",
    "node": "The value does not conform to {0}.",
    "not": "The value conforms to {0}, and must not.",
    "and": "The value does not conform to all of {0}.",
    "or": "The value conforms to none of {0}.",
    "xone": "The value does not conform to exactly one of {0}.",
    "qualifiedMinCount": "There must be {0} or more values that conform to {shape}.",
    "qualifiedMaxCount": "There must be no more than {0} values that conform to {shape}.",
    "sparql": "A query of the shape returns this.",
}
_MOST_NAMED = 20  # Values of a list.
_DEFAULT = "A constraint of the shape is not met."


def message_of(shapes: ShapesGraph, shape: Term, parameter: str) -> Sequence[ox.Literal]:
    """Return a shape's messages; without any, one about the parameter or component that was not met."""
    if messages := shapes.messages(shape):
        return messages
    path = shapes.path_of(shape)
    name = parameter.lower() if parameter.isupper() else parameter[:1].lower() + parameter[1:]
    words = _MESSAGES.get(name, _DEFAULT).format(
        " and ".join(_name(shapes, value) for value in shapes.sh(shape, name)),
        path="" if path is None else paths.text(path, term_text),
        shape=" and ".join(_name(shapes, value) for value in shapes.sh(shape, "qualifiedValueShape")),
    )
    return [ox.Literal(words + _where(shapes, shape, path))]


def _where(shapes: ShapesGraph, shape: Term, path: Path | None) -> str:
    """Return a sentence that tells a shape without a name from others, or an empty text."""
    if not isinstance(shape, ox.BlankNode):
        return ""
    about = "" if path is None else f" for {paths.text(path, term_text)}"
    place = shapes.place_of(shape)
    return f" This is the shape{about}{f' at {place.path}:{place.line}' if place and place.line else ''}."


def _name(shapes: ShapesGraph, term: Term) -> str:
    """Return a term for people; of a shape without a name, what it demands."""
    if not isinstance(term, ox.BlankNode):
        return term_text(term)
    try:
        items = shapes.items(term)
        more = [f"{len(items) - _MOST_NAMED} more"] if len(items) > _MOST_NAMED else []
        return ", ".join([*(_name(shapes, item) for item in items[:_MOST_NAMED]), *more])
    except MalformedError:
        return f"[ {_demands(shapes, term)} ]" if term in shapes else "a blank node"


def _demands(shapes: ShapesGraph, shape: Term) -> str:
    """Return the statements of a shape, with three dots for further blank nodes."""
    texts = []
    for predicate in shapes.predicates(shape):
        for value in shapes.values(shape, predicate):
            if predicate == f"{SH}path":
                path = shapes.path_of(shape)
                text = "" if path is None else paths.text(path, term_text)
            else:
                text = "[ … ]" if isinstance(value, ox.BlankNode) else term_text(value)
            texts.append(f"{curie(predicate)} {text}")
    return " ; ".join(texts[:_MOST_NAMED])
