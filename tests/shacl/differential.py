"""The comparison of evgraph with the standard on one case: its results, and what it must refuse or report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
from tests.shacl.engines import compiled, file
from tests.shacl.random_extremes import Expected, evaluator, expected
from tests.shacl.specification import SH

from evgraph.errors import NothingCheckedError, UnreadableError
from evgraph.rdf.lexical_forms import normalized
from evgraph.terms import value_of
from evgraph.validation.validate import validate_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.shacl.specification import Result

    from evgraph.shacl.findings import Finding

INEXACT = "its query "
"""The start of the reason why evgraph does not check a query that the engine would answer otherwise."""


def results_of(findings: Iterable[Finding]) -> Counter[Result]:
    """Count findings as results of the standard."""
    results: Counter[Result] = Counter()
    for finding in findings:
        path = "" if finding.path is None else str(finding.path) if isinstance(finding.path, ox.NamedNode) else "_:"
        value = "" if finding.value is None else str(finding.value)
        component = finding.component.removeprefix(SH)
        results[comparable(str(finding.focus), path, value, str(finding.source_shape), component)] += finding.times
    return results


def comparable(focus: str, path: str, value: str, shape: str, component: str) -> Result:
    """Return a result with paths of several steps alike; queries of authors see literals as the engine has them."""
    if component.startswith("SPARQL") or ":" in component:
        focus, value = as_in_engine(focus), as_in_engine(value)
    return focus, "_:" if path.startswith("_:") else path, value, shape, component


def as_in_engine(term: str) -> str:
    if not term.startswith('"'):
        return term
    (quad,) = ox.parse(f"<a:a> <a:a> {term} .", format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, ox.Literal)
    return str(normalized(quad.object))


def expected_of(data: str, shapes: str) -> tuple[Expected, Counter[Result]]:
    """Return what the standard has for a case."""
    standard = expected(data, shapes)
    return standard, Counter(comparable(*result) for result in standard.results)


def difference_of_evgraph(seed: int, data: str, shapes: str) -> str:
    """Return how evgraph differs from the standard on a case, or an empty text.

    It may report a shape as not checked that the standard does not define, or whose query the engine would answer
    otherwise; all others must have exactly the results of the standard.
    """
    standard, _ = expected_of(data, shapes)
    rules, findings = compiled(data, shapes)
    refused = {str(root): reason for root, reason in rules.refused.items()}
    inexact = {root for root, reason in refused.items() if reason.startswith(INEXACT)}
    if rules.not_compiled or refused.keys() - inexact != standard.undefined - inexact:
        return f"refuses {refused}, leaves {rules.not_compiled}, undefined are {standard.undefined}"
    evaluated = evaluator(data, shapes)
    roots = [root for root in evaluated.shapes.about if str(root) not in refused]
    results = Counter(comparable(*result) for root in roots for result in evaluated.results_of(root))
    found = results_of(findings)
    if found.keys() != results.keys():
        return f"misses {sorted(results.keys() - found.keys())}, adds {sorted(found.keys() - results.keys())}"
    # Engine and Python may count a literal of an author's query differently, such as 1 and 01.
    core = [result for result in results if ":" not in result[-1] and not result[-1].startswith("SPARQL")]
    if wrong := [result for result in core if found[result] != results[result]]:
        return f"counts otherwise: {wrong}"
    for finding in findings:
        if evaluated.severity(finding.source_shape) != (finding.other_severity or finding.severity.iri):
            return f"gives another severity: {finding}"
    # What is refused is reported; this loads more, so of the other cases it is done for one in ten.
    if refused or standard.unsupported or standard.is_failure or seed % 10 == 0:
        return _difference_of_report(data, shapes, standard, refused.keys() | standard.unsupported, set(found))
    return ""


def _difference_of_report(data: str, shapes: str, standard: Expected, unchecked: set[str], found: set[Result]) -> str:
    """Return how evgraph's report differs from what it must be, or an empty text."""
    try:
        report = validate_files([file(data)], [file(shapes, "shapes.ttl")])
    except UnreadableError as error:
        if standard.is_failure:
            return "" if "the shapes ask for entailment" in error.message else error.message
        is_right = standard.roots <= unchecked and "no shape can be checked" in error.message
        return "" if is_right else f"refuses all: {error.message}"
    except NothingCheckedError as error:
        return "" if not standard.focus_nodes else f"checks nothing: {error.message}"
    if standard.is_failure:
        return "entailment is not refused"
    names = {value_of(root) for root in evaluator(data, shapes).shapes.about if str(root) in unchecked}
    if {notice.term for notice in report.not_checked} != names:
        return f"not checked: {report.not_checked}, expected {names}"
    if report.conforms != (not unchecked and not report.findings) or report.is_complete != (not unchecked):
        return "conforms, and not all was checked"
    return "" if set(results_of(report.findings)) == found else "the report has other findings"
