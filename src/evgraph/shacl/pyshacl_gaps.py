"""What pySHACL does not validate as the standard has it, found before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph.namespaces import SH
from evgraph.shacl.paths import Compound
from evgraph.shacl.shapes_graph import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.shacl.paths import Path
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term

# It compares literals, and reads datatypes, languages, paths and queries, otherwise than the standard.
_EXACT = frozenset(
    {
        "path", "class", "nodeKind", "minCount", "maxCount", "minLength", "maxLength", "pattern", "flags", "hasValue",
        "in", "node", "property", "not", "and", "or", "xone", "qualifiedValueShape", "qualifiedMinCount",
        "qualifiedMaxCount", "deactivated", "severity", "message", "name", "description", "order", "group",
        "defaultValue",
    }
)  # fmt: skip


def of_shape(shapes: ShapesGraph, root: Node) -> str:
    """Return why pySHACL would stop before the end of a shape, or an empty text."""
    open_shapes: list[Term] = []

    def walk(shape: Term) -> str:
        if shape in open_shapes:
            return "it is part of itself, and the standard does not define what that means"
        if len(open_shapes) > DEEPEST:
            return f"its shapes are nested more than {DEEPEST} deep"
        open_shapes.append(shape)
        found = next(filter(None, map(walk, shapes.parts(shape))), "")
        open_shapes.pop()
        return found

    return walk(root)


def of_constraint(shapes: ShapesGraph, shape: Node, parameter: str) -> str:
    """Return why pySHACL would not validate a constraint as the standard has it, or an empty text.

    The shape is not part of itself; ``parameter`` is the local name of the constraint's.
    """
    if not _is_simple(shapes.path_of(shape)):
        return "pySHACL reads such a path otherwise than the standard"
    for part in _parts(shapes, shape, parameter):
        names = {name.removeprefix(SH) for name in shapes.predicates(part) if name.startswith(SH)}
        if others := sorted(names - _EXACT):
            return f"pySHACL reads sh:{others[0]} otherwise than the standard"
        if not shapes.parameters.isdisjoint(shapes.predicates(part)):
            return "pySHACL reads declared components otherwise than the standard"
        if not _is_simple(shapes.path_of(part)):
            return "pySHACL reads such a path otherwise than the standard"
    return ""


def _parts(shapes: ShapesGraph, shape: Node, parameter: str) -> Iterator[Term]:
    """Iterate over the shapes in a constraint, and the shapes in these."""
    if parameter == "pattern":
        return
    ahead = list(shapes.parts(shape))
    while ahead:
        part = ahead.pop()
        yield part
        ahead += shapes.parts(part)


def _is_simple(path: Path | None) -> bool:
    """Whether a path is a property or a sequence of properties, forwards or backwards each."""
    if path is None or isinstance(path, ox.NamedNode):
        return True
    assert isinstance(path, Compound)  # noqa: S101 - there is no other path
    if path.kind == "inversePath":
        return isinstance(path.parts[0], ox.NamedNode)
    return path.kind == "sequence" and all(map(_is_simple, path.parts))
