"""Validate data, in files or in a store, by shapes and checks.

Shapes are compiled to SELECTs; pySHACL validates by those that cannot be compiled. A validation in which nothing was
checked is an error, never a pass.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from evgraph import offline, shipped_files
from evgraph.errors import (
    EndpointError,
    EvgraphError,
    Hint,
    LimitReachedError,
    NothingCheckedError,
    UnreadableError,
)
from evgraph.namespaces import SH, curie
from evgraph.rdf import lexical_forms
from evgraph.rdf.files import always_loaded, find, report_all_broken
from evgraph.rdf.positions import place_of
from evgraph.shacl.compile import CompiledShapes, all_by_pyshacl, compile_shapes, findings_of, with_nodes
from evgraph.shacl.findings import Notice, counted
from evgraph.shacl.shapes_graph import plain, read_shapes
from evgraph.shacl.sparql_constraints import refuse_foreign_queries
from evgraph.shacl.targets import Targets, has_targets
from evgraph.terms import value_of
from evgraph.text import plural, summarize_names
from evgraph.validation import check
from evgraph.validation.file_source import FileSource
from evgraph.validation.notices import finding_of, is_misspelt, notices
from evgraph.validation.report import NOT_CHECKED, Report
from evgraph.validation.source import StoreSource, ontology_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.shapes_graph import Node, ShapesGraph
    from evgraph.store.protocol import Store
    from evgraph.validation.check import Check
    from evgraph.validation.source import Source

Engine: TypeAlias = Literal["auto", "pyshacl"]
"""``auto`` compiles the shapes that can be compiled and leaves the rest to pySHACL, ``pyshacl`` compiles none."""
_SIMPLE = "http://www.w3.org/ns/entailment/Simple"


class _Job(NamedTuple):
    """A rule to check.

    Attributes:
        iri: of the shape or check.
        name: as findings name it.
        findings: returns its findings.
        is_query: whether it does nothing but ask the store, so that it can run in any thread, without connections.
        why_not: why the engine cannot check it, or empty.

    """

    iri: str
    name: str
    findings: Callable[[], Iterable[Finding]]
    is_query: bool = True
    why_not: str = ""


def our_shapes() -> list[DataFile]:
    """Return the files of evgraph's own shapes."""
    return find([shipped_files.ontology() / "shapes"])


def load(files: Sequence[DataFile], shapes: Sequence[DataFile]) -> FileSource:
    """Load the user's files; the ontology, the concept schemes and the matrices are loaded beside them.

    Args:
        files: the data.
        shapes: the shapes that it will be validated by, so that an error names those that are not well-formed, too.

    Raises:
        UnreadableError: files are not well-formed; all of them are named.
        NothingCheckedError: the data contains no triple.

    """
    paths = {Path(file.path).resolve() for file in files}
    with report_all_broken([*files, *shapes]):
        source = FileSource(files, [file for file in always_loaded() if Path(file.path).resolve() not in paths])
        read_shapes(shapes)
    if source.is_empty:
        names = f" ({summarize_names(file.path for file in files)})" if files else ""
        raise NothingCheckedError(
            f"nothing was checked: there is no triple in the data{names}", hint="name a file with triples"
        )
    return source


def validate_files(
    files: Sequence[DataFile],
    shapes: Sequence[DataFile],
    *,
    engine: Engine = "auto",
    checks: Sequence[Check] = (),
    longest: float | None = None,
) -> Report:
    """Validate files; see `validate` for the arguments and errors."""
    return validate(load(files, shapes), shapes, engine=engine, checks=checks, longest=longest)


def validate_store(store: Store, shapes: Sequence[DataFile], *, checks: Sequence[Check] = ()) -> Report:
    """Validate a store; see `validate` for the arguments and errors."""
    return validate(StoreSource(store), shapes, checks=checks)


def validate(
    source: Source,
    shape_files: Sequence[DataFile],
    *,
    engine: Engine = "auto",
    checks: Sequence[Check] = (),
    paths: Mapping[str, Sequence[DataFile]] = MappingProxyType({}),
    longest: float | None = None,
) -> Report:
    """Validate data by shapes and checks.

    Args:
        source: the data. Only nodes that are not in its background get findings.
        shape_files: SHACL shapes, such as `our_shapes`.
        engine: who validates by the shapes; pySHACL validates files only.
        checks: such as `evgraph.validation.checks.our_checks`.
        paths: path as the user named it → its files; of several, one without any focus node gets a notice.
        longest: seconds for all queries on data in this process, and as many for pySHACL, which then runs in a process
            of its own; None for no limit. A query at work goes on until it or this process ends.

    Returns:
        The report. Its notices name what had no effect: shapes, terms, and rules that the engine could not check.

    Raises:
        LimitReachedError: queries or pySHACL took longer, or a server cut an answer that cannot be had in pages either.
        UnreadableError: a file is not well-formed, or the shapes are not usable.
        NothingCheckedError: no node of the user's data was checked, or by no rule.
        EndpointError: the server failed.

    """
    shapes = read_shapes(shape_files)
    if not shapes:
        raise NothingCheckedError(
            "nothing was checked: there is no shape in the shapes", hint="name a file with shapes"
        )
    _refuse_missing(shapes, shape_files)
    refuse_foreign_queries(shapes, shape_files)
    _refuse_entailment(shapes, shape_files)
    with _bounded(source, longest):
        targets = Targets(source, shapes)
        source.add_nodes(value for root in shapes.roots for kind, value in shapes.targets(root) if kind == "targetNode")
        compiled = compile_shapes(
            shapes,
            source.subclasses,
            source.marked_datatypes,
            in_process=source.in_process,
            has_targets=bool(source.files),
            uncommon=source.uncommon,
        )
        if engine == "pyshacl":
            compiled = all_by_pyshacl(shapes, compiled)
        refused = [_not_checked(root, reason, shapes, shape_files) for root, reason in compiled.refused.items()]
        if len(refused) == len(shapes.roots) and refused:
            root, reason = next(iter(compiled.refused.items()))
            place = shapes.place_of(root)
            raise UnreadableError(
                f"no shape can be checked; {shapes.rule(root)}: {reason}",
                path=place.path if place else summarize_names(file.path for file in shape_files),
                line=(place.line or None) if place else None,
                hint="correct the shape, or leave it out",
            )
        if not targets.count:
            classes = summarize_names(curie(cls) for cls in targets.classes) or "no class"
            reasons = [notice.message for notice in notices(source.used_terms(), shapes, {}, ontology_terms())]
            raise NothingCheckedError(
                "nothing was checked: the shapes have no target in the data",
                hint="; ".join([f"they look for {classes}", *reasons[:3]]),
            )
        findings, not_checked = _findings(source, shapes, compiled, checks)
    not_checked += refused
    if source.files and compiled.not_compiled:
        findings += _findings_of_pyshacl(source, shape_files, shapes, compiled, longest)
    elif not source.files:
        not_checked += [
            Notice(
                NOT_CHECKED,
                value_of(root),
                f"{shapes.rule(root)} was not checked: {why}; pySHACL validates files only",
            )
            for root, why in compiled.not_compiled.items()
        ]
    own = [finding for finding in counted(findings) if finding.focus not in source.background]
    labels = source.labels({finding.focus for finding in own})
    own = [replace(finding, label=plain(labels.get(finding.focus, ()))) for finding in own]
    used = source.used_terms()
    about_shapes = notices(
        used,
        shapes,
        targets.classes,
        ontology_terms(),
        left=compiled.not_compiled if source.files and engine != "pyshacl" else {},
        empty=[file.path for file in source.files if next(file.parsed(), None) is None],
        idle_paths=[path for path, files in paths.items() if len(paths) > 1 and not has_targets(files, source, shapes)],
    )
    misspelt = {notice for notice in about_shapes if checks and is_misspelt(notice, used)}
    own += map(finding_of, misspelt)
    return Report(
        findings=tuple(sorted(own, key=lambda finding: finding.order)),
        notices=tuple(
            sorted({*about_shapes, *not_checked, *source.notices(), *_engines(source, shapes, compiled)} - misspelt)
        ),
        checked=tuple(sorted((cls, count) for cls, count in targets.classes.items() if count)),
        focus_count=targets.count,
    )


def _findings(
    source: Source, shapes: ShapesGraph, compiled: CompiledShapes, checks: Sequence[Check]
) -> tuple[list[Finding], list[Notice]]:
    """Return the findings of compiled shapes and checks, and a notice for each rule that the engine cannot check.

    Raises:
        NothingCheckedError: the engine could check no rule.

    """
    of_shapes: list[_Job] = []
    of_authors: list[_Job] = []
    queries = compiled.queries
    if source.in_process:
        source.call_functions(compiled.in_conditions.functions(source, shapes))
        queries = offline.call_all([partial(with_nodes, source, query) for query in queries])
    for query in queries:
        select = query.select
        if not source.files:  # A store has no marked literals.
            select = select.replace(lexical_forms.WRITTEN, "").replace(lexical_forms.ILL_FORMED, "")
        run = partial(findings_of, source, query._replace(select=select), shapes)
        job = _Job(value_of(query.shape), shapes.rule(query.shape), run, why_not=source.why_not_run(select))
        (of_authors if query.by_author and not query.sees_marks else of_shapes).append(job)
    of_checks = [
        _Job(rule.iri, rule.name, partial(check.findings_of, source.store, [rule]), rule.component == check.IN_SPARQL)
        for rule in checks
    ]
    outcomes = _run(of_shapes, source)
    compiled.in_conditions.raise_error()
    source.unmark_literals()
    outcomes += _run([*of_authors, *of_checks], source)
    findings = [finding for _, found in outcomes if not isinstance(found, str) for finding in found]
    not_checked = [
        Notice(NOT_CHECKED, job.iri, f"{job.name} was not checked: {why}")
        for job, why in outcomes
        if isinstance(why, str)
    ]
    if not source.files and len(not_checked) == len(outcomes):
        raise NothingCheckedError("nothing was checked: the engine could not work with any rule")
    return findings, not_checked


def _run(jobs: Sequence[_Job], source: Source) -> list[tuple[_Job, list[Finding] | str]]:
    """Return each job with its findings, or with the reason why the engine cannot check the rule."""
    if source.in_process:
        queries = [job for job in jobs if job.is_query]
        running: list[str] = []
        try:
            findings = offline.call_all([partial(_list, job, running) for job in queries])
        except TimeoutError:
            raise TimeoutError(summarize_names({*running})) from None
        return [*zip(queries, findings, strict=True), *((job, _list(job)) for job in jobs if not job.is_query)]
    return [(job, job.why_not or _unless_refused(job, source.store)) for job in jobs]


def _list(job: _Job, running: list[str] | None = None) -> list[Finding]:
    if running is None:
        return list(job.findings())
    running.append(job.name)
    findings = list(job.findings())
    running.remove(job.name)
    return findings


@contextmanager
def _bounded(source: Source, longest: float | None) -> Iterator[None]:
    """Bound the time of queries in this process; a server has its own limit for each answer."""
    try:
        with offline.deadline(longest if source.in_process else None):
            yield
    except TimeoutError as error:
        names = f" by {error}" if str(error) else ""
        raise LimitReachedError(
            f"validating{names} took longer than {longest:g} s and was ended", hint=Hint.ALLOW_MORE_TIME
        ) from None


def _unless_refused(job: _Job, store: Store) -> list[Finding] | str:
    try:
        return _list(job)
    except EndpointError as error:
        if error.status not in {400, 500, 501} or not _answers(store):
            raise
        return f"the engine refuses its query ({' '.join(error.message.split())[:200]})"


def _answers(store: Store) -> bool:
    """Whether a server still answers."""
    try:
        store.query("ASK { ?s ?p ?o }")
    except EvgraphError:
        return False
    return True


def _findings_of_pyshacl(
    source: Source,
    shape_files: Sequence[DataFile],
    shapes: ShapesGraph,
    compiled: CompiledShapes,
    longest: float | None,
) -> list[Finding]:
    """Return the findings of the constraints that were not compiled."""
    arguments = (source.files, source.other_files, shape_files, shapes, list(compiled.not_compiled))
    if longest is None:
        from evgraph.shacl import pyshacl_adapter

        findings = offline.call(lambda: pyshacl_adapter.findings_of(*arguments))
    else:
        from evgraph.shacl.pyshacl_process import findings_within

        findings = findings_within(longest, *arguments)
    left = compiled.left
    return [finding for finding in findings if left is None or (finding.source_shape, finding.component) in left]


def _not_checked(root: Node, reason: str, shapes: ShapesGraph, files: Sequence[DataFile]) -> Notice:
    place = shapes.place_of(root)
    where = f" ({place})" if place else f" ({summarize_names(file.path for file in files)})"
    return Notice(NOT_CHECKED, value_of(root), f"{shapes.rule(root)}{where} was not checked: {reason}")


def _engines(source: Source, shapes: ShapesGraph, compiled: CompiledShapes) -> Iterator[Notice]:
    """Return a notice that says who validated by which shapes, unless all are queries."""
    others = [*(compiled.not_compiled if source.files else ())], [*compiled.refused]
    if not any(others):
        return
    count = len(shapes.roots) - len(compiled.not_compiled) - len(compiled.refused)
    parts = [f"evgraph validated by {plural(count, 'shape')} with SPARQL queries"]
    for roots, words in zip(others, ("pySHACL by", "nothing validated by"), strict=True):
        parts += [f"{words} {summarize_names(map(shapes.rule, roots))}"] if roots else []
    yield Notice("engines", "", ", ".join(parts))


def _refuse_entailment(shapes: ShapesGraph, files: Sequence[DataFile]) -> None:
    """Refuse shapes that ask for an entailment regime, as the standard demands of those who do not support it.

    https://www.w3.org/TR/shacl/#shacl-rdfs
    """
    for node in shapes.subjects(f"{SH}entailment"):
        for regime in shapes.sh(node, "entailment"):
            if value_of(regime) != _SIMPLE:
                place = place_of(node, files)
                raise UnreadableError(
                    f"the shapes ask for entailment ({curie(value_of(regime))}), and evgraph infers nothing",
                    path=place.path if place else summarize_names(file.path for file in files),
                    line=(place.line or None) if place else None,
                    hint="state in the data what the shapes rely on, and delete sh:entailment",
                )


def _refuse_missing(shapes: ShapesGraph, files: Iterable[DataFile]) -> None:
    """Refuse shapes that refer to others without statements: a shape without statements has no constraint."""
    if missing := shapes.missing():
        raise UnreadableError(
            f"these shapes refer to shapes that are not there: {summarize_names(missing)}",
            path=summarize_names(file.path for file in files),
            hint="add the file with these shapes, or correct the names",
        )
