"""How far a change reaches: for each triple pattern of a query, the query for the nodes it can touch.

A node's findings differ between two graphs only if some solution with it is there in one and not in the other, of the
query's pattern or of a group that a condition looks at. Put the patterns of that solution in an order: the first of
them whose triple has changed comes after patterns whose triples have not, which therefore match in the new graph, too.
So for each pattern, and each changed triple that matches it, the patterns before it lead, in the new graph, to every
node that the change can touch. Conditions are left out, which can only make it more. The order begins at the node, and
goes on with what hangs together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evgraph.integrity.changes.patterns import Bind, Group, Repeat, Step, Values
from evgraph.integrity.changes.select_reader import read

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALUES = "@values@"
_VARIABLE = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|(\?\w+)')


@dataclass(frozen=True, slots=True)
class Reach:
    """What a changed triple that matches a pattern can touch.

    Attributes:
        step: the pattern.
        pattern: what comes before it, as SPARQL, and a place where the step's variables are to be bound.
        focus: the variable of the nodes that are touched; empty where that may be any node.
        known: the variables that what comes before binds.
        alone: whether the pattern only says, of the graph as a whole, yes or no.

    """

    step: Step
    pattern: str
    focus: str
    known: frozenset[str]
    alone: bool = False

    @property
    def variables(self) -> list[str]:
        """The variables of the step, in order."""
        return _variables(self.step)

    def query(self, values: str) -> str:
        """Write the query for the nodes that are touched.

        Args:
            values: a VALUES clause for variables of the step.

        """
        return f"SELECT DISTINCT {self.focus} WHERE {{ {self.pattern.replace(_VALUES, values)} }}"


def reaches(query: str, focus: str) -> list[Reach]:
    """Find how far changes reach, for each triple pattern of a SELECT.

    Args:
        query: legal SPARQL.
        focus: the variable, with its question mark, whose values are the nodes.

    Raises:
        NotReadError: one cannot tell.

    """
    found = []
    group = read(query, focus)
    _without_idle(group, {focus})
    for part in _walk(group, _State(), frozenset({focus})):
        wanted = focus if focus in part.bound else ""
        found.append(_named_alike(Reach(part.step, part.text, wanted, part.known, part.alone)))
    return found


def _joining(group: Group) -> set[str]:
    """Give the variables that anything in a group speaks of but their own computation."""
    found = _spoken_of(group)
    inner = [*(branch for union in group.unions for branch in union), *(one for _, one in group.selects)]
    return found.union(*map(_joining, [*inner, *group.dependents]))


def _spoken_of(group: Group) -> set[str]:
    found = {one for step in group.steps for one in _variables(step)}
    found.update(*(one.variables for one in group.values), *(one.inputs for one in group.binds))
    columns = [seen for seen, _ in group.selects]
    found.update(one for i, seen in enumerate(columns) for other in columns[:i] for one in seen & other)
    return found


def _without_idle(group: Group, outside: set[str]) -> None:
    """Leave out what is computed only to be shown: engines join less well around it."""
    own = outside | _spoken_of(group)
    selects = [one for _, one in group.selects]
    ways = [*group.unions, *([one] for one in (*selects, *group.dependents))]
    for way in ways:
        # One alternative does not join with the other.
        others = own.union(*(_joining(one) for other in ways if other is not way for one in other))
        for one in way:
            _without_idle(one, others)
    joining = own.union(*(_joining(one) for way in ways for one in way))
    group.binds[:] = [one for one in group.binds if one.variable in joining]


@dataclass(frozen=True, slots=True)
class _State:
    """What comes before a pattern: texts, the variables that they bind, and those among them that are computed."""

    texts: tuple[str, ...] = ()
    bound: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()

    def with_text(self, text: str, variables: frozenset[str]) -> _State:
        return _State((*self.texts, text), self.bound | variables, self.computed)

    def with_binds(self, binds: list[Bind]) -> _State:
        """Compute what can be computed and is not bound yet."""
        state = self
        for one in binds:
            if one.inputs <= state.bound and one.variable not in state.bound:
                own = frozenset({one.variable})
                state = _State((*state.texts, one.text), state.bound | own, state.computed | own)
        return state


@dataclass(frozen=True, slots=True)
class _Part:
    """A reach in the making: its step, the text around it, the variables that are bound in it, and before the step."""

    step: Step
    text: str
    bound: frozenset[str]
    known: frozenset[str]
    alone: bool = False

    def with_binds(self, binds: list[Bind]) -> _Part:
        state = _State((self.text,), self.bound).with_binds(binds)
        return replace(self, text=" ".join(state.texts), bound=state.bound)


def _walk(group: Group, state: _State, begin: frozenset[str]) -> Iterator[_Part]:
    """Go through the patterns of a group, beginning with what hangs together with some variables."""
    for atom in _ordered(group, state.bound | begin):
        for part in _inside(atom, state, begin):
            yield part.with_binds(group.binds)
        # Alternatives of what is bound already are but a condition, and a slow one.
        if not (isinstance(atom, list) and _seen(atom) <= state.bound):
            state = state.with_text(_text(atom), _seen(atom)).with_binds(group.binds)
    state = state.with_binds(group.binds)
    for dependent in group.dependents:
        if _is_one_step(dependent) and state.bound.isdisjoint(_variables(dependent.steps[0])):
            (step,) = dependent.steps
            assert isinstance(step, Step)  # noqa: S101 - just looked at
            yield _Part(step, "", frozenset(), frozenset(), alone=True)
        else:
            yield from _walk(dependent, state, begin)


def _inside(atom: Atom, state: _State, begin: frozenset[str]) -> Iterator[_Part]:
    """Go through the patterns within what stands in a group."""
    if isinstance(atom, Step):
        own = frozenset(_variables(atom))
        texts = (*state.texts, _VALUES) if own & state.computed else (_VALUES, *state.texts)
        yield _Part(atom, " ".join(texts), state.bound | own, state.bound)
    elif isinstance(atom, Repeat):
        known = state.bound | begin
        if atom.subject in known or atom.object not in known:
            before = state.with_text(f"{atom.subject} {atom.path} {atom.start} .", _only(atom.subject, atom.start))
        else:
            before = state.with_text(f"{atom.end} {atom.path} {atom.object} .", _only(atom.end, atom.object))
        yield from _walk(atom.once, before, begin)
    elif isinstance(atom, list):
        for branch in atom:
            yield from _walk(branch, state, begin)
    elif isinstance(atom, tuple):
        seen, group = atom
        for part in _walk(group, _State(), seen & (state.bound | begin)):
            columns = sorted(seen & part.bound)
            if not columns or part.alone:
                yield replace(part, text="", bound=frozenset(), alone=False)
            else:
                within = f"{{ SELECT DISTINCT {' '.join(columns)} WHERE {{ {part.text} }} }}"
                # What speaks of the same variables only is but a condition, and a slow one.
                kept = [text for text in state.texts if not _spoken(text) <= set(columns)]
                yield replace(part, text=" ".join((*kept, within)), bound=state.bound | set(columns))


Atom = Step | Repeat | Values | list[Group] | tuple[frozenset[str], Group]


def _ordered(group: Group, seen: frozenset[str]) -> Iterator[Atom]:
    """Give what stands in a group, each next to what came before it, where it can be."""
    left: list[Atom] = [*group.values, *group.steps, *group.selects, *group.unions]
    while left:
        atom = next((one for one in left if not seen.isdisjoint(_seen(one))), left[0])
        left.remove(atom)
        seen |= _seen(atom)
        for one in group.binds:
            if one.inputs <= seen:
                seen |= {one.variable}
        yield atom


def _seen(atom: Atom) -> frozenset[str]:
    """Give the variables that something binds."""
    if isinstance(atom, Step | Repeat):
        return frozenset(_variables(atom))
    if isinstance(atom, Values):
        return atom.variables
    if isinstance(atom, tuple):
        return atom[0]
    return frozenset().union(*map(_bound_in, atom))


def _bound_in(group: Group) -> frozenset[str]:
    found = frozenset().union(*map(_seen, _ordered(group, frozenset())))
    return found.union(one.variable for one in group.binds if one.inputs <= found)


def _text(atom: Atom) -> str:
    """Write what something demands of the triples; conditions are left out."""
    if isinstance(atom, Step):
        return f"{atom.subject} {atom.predicate} {atom.object} ."
    if isinstance(atom, Repeat):
        return f"{atom.subject} {atom.path} {atom.object} ."
    if isinstance(atom, Values):
        return atom.text
    if isinstance(atom, tuple):
        seen, group = atom
        columns = " ".join(sorted(seen & _bound_in(group)))
        return f"{{ SELECT DISTINCT {columns} WHERE {{ {_whole(group)} }} }}" if columns else ""
    return " UNION ".join(f"{{ {_whole(branch)} }}" for branch in atom)


def _whole(group: Group) -> str:
    state = _State()
    for atom in _ordered(group, frozenset()):
        state = state.with_text(_text(atom), _seen(atom)).with_binds(group.binds)
    return " ".join(state.with_binds(group.binds).texts)


def _is_one_step(group: Group) -> bool:
    others = (group.unions, group.selects, group.values, group.binds, group.dependents)
    return len(group.steps) == 1 and isinstance(group.steps[0], Step) and not any(others)


def _variables(step: Step | Repeat) -> list[str]:
    parts = (step.subject, step.predicate if isinstance(step, Step) else "", step.object)
    return list(dict.fromkeys(one for one in parts if one.startswith("?")))


def _spoken(text: str) -> set[str]:
    return {match[1] for match in _VARIABLE.finditer(text) if match[1]}


def _only(*terms: str) -> frozenset[str]:
    return frozenset(one for one in terms if one.startswith("?"))


def _named_alike(reach: Reach) -> Reach:
    """Name variables by their order, so that two rules with the same pattern ask the same."""
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return names.setdefault(match[1], f"?v{len(names)}") if match[1] else match[0]

    def renamed(text: str) -> str:
        return _VARIABLE.sub(name, text)

    focus, pattern = renamed(reach.focus), renamed(reach.pattern)
    step = Step(renamed(reach.step.subject), renamed(reach.step.predicate), renamed(reach.step.object))
    return Reach(step, pattern, focus, frozenset(map(renamed, sorted(reach.known))), reach.alone)
