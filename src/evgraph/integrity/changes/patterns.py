"""The patterns that a SELECT looks for: which triples it can see, and how they hang together.

Only what tells which nodes a change can reach is kept: conditions are left out, but for the groups within them.
https://www.w3.org/TR/sparql11-query/#sparqlAlgebra
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Step:
    """A triple pattern of one property; terms and variables as SPARQL writes them, prefixes written out."""

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A path of any number of steps.

    Attributes:
        subject: where it begins.
        path: the repeated path as SPARQL, with its sign.
        object: where it ends.
        once: one round of it, from ``start`` to ``end``.
        start: a variable of its own.
        end: a variable of its own.

    """

    subject: str
    path: str
    object: str
    once: Group
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Bind:
    """A variable that is computed from others."""

    text: str
    inputs: frozenset[str]
    variable: str


@dataclass(frozen=True, slots=True)
class Values:
    """Rows that stand in the query."""

    text: str
    variables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between two braces.

    Attributes:
        steps: triple patterns and repeated paths, all of which must match.
        unions: alternatives, of each of which one must match.
        selects: subqueries: the variables that are seen outside, and the group.
        values: rows given in the query.
        binds: computed variables.
        dependents: the groups of OPTIONAL, MINUS and EXISTS, which see what is bound here.

    """

    steps: list[Step | Repeat] = field(default_factory=list)
    unions: list[list[Group]] = field(default_factory=list)
    selects: list[tuple[frozenset[str], Group]] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    binds: list[Bind] = field(default_factory=list)
    dependents: list[Group] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Path:
    """A property path.

    https://www.w3.org/TR/sparql11-query/#propertypaths

    Attributes:
        sign: one of SPARQL's; empty for a property.
        parts: what the sign is about.
        name: the property, as SPARQL writes it.

    """

    sign: str
    parts: tuple[Path, ...]
    name: str = ""

    def __str__(self) -> str:
        if not self.sign:
            return self.name
        if self.sign in {"|", "/"}:
            return f"({self.sign.join(map(str, self.parts))})"
        return f"(^{self.parts[0]})" if self.sign == "^" else f"({self.parts[0]}){self.sign}"


def add(found: Group, subject: str, path: Path | str, value: str, fresh: Callable[[], str]) -> None:
    """Add a triple pattern to a group, step by step.

    Args:
        found: the group.
        subject: where the path begins.
        path: a path, or a property as SPARQL writes it.
        value: where the path ends.
        fresh: gives a variable that the query does not have.

    """
    if isinstance(path, str):
        found.steps.append(Step(subject, path, value))
    elif not path.sign:
        found.steps.append(Step(subject, path.name, value))
    elif path.sign == "^":
        add(found, value, path.parts[0], subject, fresh)
    elif path.sign == "/":
        nodes = [subject, *(fresh() for _ in path.parts[1:]), value]
        for i, part in enumerate(path.parts):
            add(found, nodes[i], part, nodes[i + 1], fresh)
    elif path.sign == "|":
        branches = []
        for part in path.parts:
            branches.append(Group())
            add(branches[-1], subject, part, value, fresh)
        found.unions.append(branches)
    else:
        once, start, end = Group(), fresh(), fresh()
        add(once, start, path.parts[0], end, fresh)
        found.steps.append(Repeat(subject, f"({path.parts[0]})*", value, once, start, end))
