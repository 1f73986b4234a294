"""Constraint components that shapes declare themselves, with validators in SPARQL.

https://www.w3.org/TR/shacl/#sparql-constraint-components
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from evgraph.namespaces import SH
from evgraph.shacl.shapes_graph import MalformedError, local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Term

_VALIDATORS = ("validator", "nodeValidator", "propertyValidator")


class Component(NamedTuple):
    """A constraint component."""

    node: Node
    parameters: Mapping[str, str]  # The IRI of a property → the name of its variable.
    optional: frozenset[str]  # The IRIs of those that a shape may leave out.


class Use(NamedTuple):
    """A constraint component on a shape, with a value for each parameter that has one."""

    component: Component
    validator: Term
    text: str  # The local name of the property that holds the query: ``ask`` or ``select``.
    values: Mapping[str, Term | None]  # By variable.


def components(shapes: ShapesGraph) -> list[Component]:
    """Return the components that shapes declare, without SHACL's own.

    Raises:
        MalformedError: a parameter has no property.

    """
    nodes = dict.fromkeys(node for name in _VALIDATORS for node in shapes.subjects(SH + name))
    return [
        _component(shapes, node) for node in nodes if not (isinstance(node, ox.NamedNode) and node.value.startswith(SH))
    ]


def _component(shapes: ShapesGraph, node: Node) -> Component:
    parameters: dict[str, str] = {}
    optional = set()
    for parameter in shapes.sh(node, "parameter"):
        (path,) = shapes.sh(parameter, "path") or (None,)
        if not isinstance(path, ox.NamedNode):
            raise MalformedError(f"a parameter of {shapes.rule(node)} has no property")
        parameters[path.value] = local(path.value)
        if ox.Literal(True) in shapes.sh(parameter, "optional"):
            optional.add(path.value)
    return Component(node, parameters, frozenset(optional))


def uses(shapes: ShapesGraph, shape: Term, declared: list[Component]) -> Iterator[Use]:
    """Iterate over the constraints of a shape by declared components.

    Raises:
        MalformedError: several values of a component with several parameters, or no validator for the kind of shape.

    """
    predicates = set(shapes.predicates(shape))
    for component in declared:
        mandatory = component.parameters.keys() - component.optional
        if not component.parameters or not mandatory <= predicates or not predicates & component.parameters.keys():
            continue
        parameter_values = {iri: shapes.values(shape, iri) for iri in component.parameters}
        if len(parameter_values) > 1 and any(len(values) > 1 for values in parameter_values.values()):
            raise MalformedError(f"a shape has several values of a parameter of {shapes.rule(component.node)}")
        validator, text = _validator(shapes, component, is_property=bool(shapes.sh(shape, "path")))
        if len(parameter_values) == 1:
            ((iri, values),) = parameter_values.items()
            for value in values:
                yield Use(component, validator, text, {component.parameters[iri]: value})
            continue
        names = {component.parameters[iri]: (values[0] if values else None) for iri, values in parameter_values.items()}
        yield Use(component, validator, text, names)


def _validator(shapes: ShapesGraph, component: Component, *, is_property: bool) -> tuple[Term, str]:
    own = "propertyValidator" if is_property else "nodeValidator"
    for name, text in ((own, "select"), ("validator", "ask")):
        for validator in shapes.sh(component.node, name):
            if shapes.sh(validator, text):
                return validator, text
    kind = "property" if is_property else "node"
    raise MalformedError(f"{shapes.rule(component.node)} has no validator in SPARQL for {kind} shapes")
