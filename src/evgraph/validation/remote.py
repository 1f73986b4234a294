"""Validation where the data is: in a store on disk, or on a server.

The same SELECTs as for files, asked set by set; the graph itself stays where it is. What an engine cannot say, or says
wrongly, is not judged there, and a notice tells so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import shipped_files
from evgraph.errors import EndpointError, EvgraphError, NothingCheckedError
from evgraph.namespaces import EVG, ID, OA, RDF, curie
from evgraph.rdf import lexical_forms as lexical
from evgraph.rdf.files import find
from evgraph.rdf.positions import Place
from evgraph.shacl import selects
from evgraph.shacl.compile import compile_shapes
from evgraph.shacl.findings import Notice, counted
from evgraph.shacl.query_guard import refuse_queries_elsewhere
from evgraph.shacl.shapes_graph import ShapesGraph, plain, triples
from evgraph.shacl.targets import Targets
from evgraph.store.embedded import OfflineStore, OxigraphStore
from evgraph.store.select import WholeAnswers, select, select_for
from evgraph.terms import value_of
from evgraph.validation import check
from evgraph.validation.in_store import InStore
from evgraph.validation.locations import PageLine
from evgraph.validation.notices import notices
from evgraph.validation.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.compile import Rule
    from evgraph.shacl.findings import Finding
    from evgraph.store.protocol import Store, Term
    from evgraph.validation.check import Check

_REPEATED = re.compile(r"[>)][*+?]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NOT_JUDGED = "not-judged"
"""The kind of the notices about rules that nobody judged."""


def judge_store(store: Store, shapes: Sequence[DataFile], *, checks: Sequence[Check] = ()) -> Report:
    """Judge what is in a store by shapes and checks.

    Args:
        store: the data, with the ontology, the schemes and the matrices beside it. Things that hold no more than these
            are not reported.
        shapes: SHACL shapes.
        checks: such as `evgraph.validation.checks.our_checks`.

    Returns:
        The report. Its notices tell which rules were not judged, because no SELECT can be written for them or the
        engine does not answer it rightly, and that literals were judged as the engine gives them.

    Raises:
        UnreadableError: a file of shapes is not well-formed.
        NothingCheckedError: no node of the store was judged, or by no rule.
        EndpointError: the server failed.
        LimitReachedError: an answer was cut, and cannot be had in pages either.

    """
    source = InStore(WholeAnswers(OfflineStore(store) if isinstance(store, OxigraphStore) else store))
    rules = ShapesGraph(shapes)
    if not rules:
        raise NothingCheckedError("nothing was checked: there is no shape in the shapes", hint="name another file")
    refuse_queries_elsewhere(rules, shapes)
    compiled = compile_shapes(rules, source.subclasses)
    targets = Targets(source, rules)
    if not targets.count:
        looked_for = ", ".join(curie(cls) for cls in sorted(targets.classes)[:3])
        raise NothingCheckedError(
            "nothing was checked: the shapes have no target in the data",
            hint=f"they look for {looked_for or 'no class'}; check that this is the store you mean",
        )
    judging = _Judging(source, rules)
    judging.by_rules(compiled.rules)
    judging.by_checks(checks)
    if not judging.judged:
        raise NothingCheckedError("nothing was checked: the engine could not work with any rule")
    own = [one for one in counted(judging.found) if one.focus not in source.elsewhere]
    names = source.names(one.focus for one in own)
    findings = [replace(one, label=plain(names.get(one.focus, ()))) for one in own]
    told = notices(source.used(), rules, targets.classes, set(_defined()))
    left = [Notice(NOT_JUDGED, value_of(one), f"{rules.rule(one)} was not judged: {why}; pySHACL judges files only")
            for one, why in compiled.left.items()]  # fmt: skip
    said = {*told, *left, *judging.notices, *_about(source)}
    return Report(
        findings=tuple(sorted(findings, key=lambda finding: finding.order)),
        notices=tuple(sorted(said)),
        checked=tuple(sorted((cls, count) for cls, count in targets.classes.items() if count)),
        focus_count=targets.count,
    )


class _Judging:
    """Asks rule by rule, and notes what the engine cannot be asked.

    Attributes:
        found: the findings.
        notices: a notice for each rule that was not judged.
        judged: how many rules and checks were.

    """

    def __init__(self, source: InStore, shapes: ShapesGraph) -> None:
        self.found: list[Finding] = []
        self.notices: set[Notice] = set()
        self.judged = 0
        self._source, self._shapes = source, shapes
        self._walks = _takes_no_step(source.store)

    def by_rules(self, rules: Iterable[Rule]) -> None:
        """Judge by the compiled shapes."""
        for rule in rules:
            select = rule.select.replace(lexical.WRITTEN, "").replace(lexical.ILL_FORMED, "")
            name = self._shapes.rule(rule.shape)
            if not self._walks and _REPEATED.search(_STRING.sub("", select)):
                self._left(value_of(rule.shape), name, "the engine misses steps of repeated paths")
                continue
            answers = selects.findings_of(self._source, [replace(rule, select=select)], self._shapes)
            self._note(value_of(rule.shape), name, answers)

    def by_checks(self, checks: Iterable[Check]) -> None:
        """Carry checks out."""
        for one in checks:
            self._note(one.iri, one.name, check.findings_of(self._source.store, [one]))

    def _note(self, term: str, name: str, answers: Iterator[Finding]) -> None:
        try:
            self.found += answers
            self.judged += 1
        except EndpointError as error:
            if error.status not in {400, 500, 501} or not _is_well(self._source.store):
                raise
            self._left(term, name, f"the engine refuses its query ({' '.join(error.message.split())[:200]})")

    def _left(self, term: str, name: str, why: str) -> None:
        self.notices.add(Notice(NOT_JUDGED, term, f"{name} was not judged: {why}"))


def places(findings: Iterable[Finding], store: Store) -> Mapping[Finding, Place]:
    """Say in which named graph each finding's statement stands; where one is missing, in which its subject does.

    Returns:
        The findings with an IRI as focus node that a named graph says something of, with its IRI in place of a file.

    """
    findings = list(findings)
    said: dict[Term, list[tuple[Term, Term, Term]]] = {}
    query = "SELECT DISTINCT ?s ?p ?o ?g WHERE { VALUES ?s {} GRAPH ?g { ?s ?p ?o } }"
    for subject, predicate, value, graph in select_for(WholeAnswers(store), query, (one.focus for one in findings)):
        said.setdefault(subject, []).append((predicate, value, graph))

    def graph_of(finding: Finding) -> str:
        def rank(statement: tuple[Term, Term, Term]) -> tuple[int, str]:
            predicate, value, graph = statement
            same = predicate == finding.path
            is_type = value_of(predicate) == f"{RDF}type"
            return (0 if same and value == finding.value else 1 if same else 2 if is_type else 3), value_of(graph)

        return value_of(min(said[finding.focus], key=rank)[2])

    return {one: Place(graph_of(one), 0, 0, is_graph=True) for one in findings if one.focus in said}


def page_lines(findings: Iterable[Finding], store: Store) -> Mapping[Finding, PageLine]:
    """Find the passages that the things at fault were read from, as `locate.page_lines` does."""
    findings = list(findings)
    whole = WholeAnswers(store)
    nodes = {one.focus for one in findings}
    query = f"SELECT DISTINCT ?s ?o WHERE {{ VALUES ?s {{}} ?s <{EVG}statedIn> ?o }}"
    stated: dict[Term, Term] = {}
    for node, passage in select_for(whole, query, nodes):
        stated[node] = min(passage, stated.get(node, passage), key=str)
    passages = {node: stated.get(node, node) for node in nodes}
    query = f"SELECT DISTINCT ?s ?n ?o WHERE {{ VALUES ?s {{}} ?s <{EVG}line> ?n ; <{OA}hasSource> ?o }}"
    lines: dict[Term, PageLine] = {}
    for passage, line, source in select_for(whole, query, passages.values()):
        if value_of(line).isdigit():
            cell = value_of(source).removeprefix(f"{ID}snapshot/").split("/")[0]
            found = PageLine(value_of(passage), cell, int(value_of(line)))
            lines[passage] = min(found, lines.get(passage, found))
    return {one: lines[passages[one.focus]] for one in findings if passages[one.focus] in lines}


def _about(source: InStore) -> Iterator[Notice]:
    yield Notice(
        "lexical-forms",
        "",
        "literals were judged as the engine gives them: 036 may have become 36, an ill-formed year a year",
    )
    missing, whole = source.missing
    if missing:
        yield Notice(
            "beside-missing",
            "",
            f"the store lacks {missing} of the {whole} terms, concepts and cells that evgraph brings along, so links to"
            " them may be findings; loading a graph with evgraph puts them there",
        )


def _takes_no_step(store: Store) -> bool:
    """Whether the engine knows that a repeated path may have no steps."""
    for (node,) in select(store, "SELECT ?s WHERE { ?s ?p ?o FILTER(isIRI(?s)) } LIMIT 1"):
        none = "<urn:evgraph:no-such-property>"
        try:
            return all(
                len(list(select(store, f"SELECT ?o WHERE {{ VALUES ?s {{ {node} }} ?s {none}{sign} ?o }}"))) == 1
                for sign in "?*"
            )
        except EndpointError:
            return False
    return True


def _is_well(store: Store) -> bool:
    """Whether the engine still answers."""
    try:
        store.query("ASK { ?s ?p ?o }")
    except EvgraphError:
        return False
    return True


def _defined() -> Iterator[str]:
    for subject, _, _ in triples(find([shipped_files.ontology() / "evgraph.ttl"]), "o"):
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(EVG):
            yield subject.value
