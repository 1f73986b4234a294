"""The page on SHACL: which engine validates by which component, found by compiling a shape with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.shacl_differences import DIFFERENCES
from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile
from evgraph.shacl.compile import compile_shapes
from evgraph.shacl.shapes_graph import ShapesGraph

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD = """\
# SHACL

evgraph validates by [SHACL Core and SHACL-SPARQL](https://www.w3.org/TR/shacl/). It compiles each constraint to a
SPARQL query that finds all violations at once. [pySHACL](https://github.com/RDFLib/pySHACL) validates by constraints
that cannot be compiled. A shape that neither can validate exactly is *not checked*: the report says so in every format,
with reason, file and line, `sh:conforms` is false, and the exit code is 3 if there is no finding. If no shape can be
checked, there is no report but an error. A notice `engines` counts the shapes of each engine.

The first column of engines is for files, and for a constraint of a shape or of its property shapes. The second is for
a constraint within `sh:not`, `sh:and`, `sh:or`, `sh:xone`, `sh:node` or `sh:qualifiedValueShape`. The third is for data
on a server, which pySHACL cannot read.

`python -m docs.build` writes this page; a test fails if it is out of date.

| component | in a shape | in a condition | on a server |
| --- | --- | --- | --- |
"""
_TAIL = """
Not checked are:

- shapes that do not follow the standard, such as `sh:class` with a blank node, or a query without `$this`;
- queries with MINUS, VALUES, SERVICE or a query within a query that does not select `$this`, which the standard forbids
  ([pre-binding](https://www.w3.org/TR/shacl/#pre-binding)), and queries with GRAPH, since the graphs of the data are
  merged;
- shapes that are part of themselves, whose meaning the standard leaves open;
- queries that tell literals apart by their form, or compare them, where the engine would answer otherwise than the
  standard: it stores `01` and `"1"^^xsd:byte` as `1`, and does not compare booleans or numbers beyond 64 bits. The
  reason names the word of the query and a literal of the data that it concerns;
- conditions with lookaround beside constraints that pySHACL reads otherwise than the standard, such as comparisons;
- what terms of [SHACL Advanced Features](https://www.w3.org/TR/shacl-af/) and SHACL 1.2 demand of a shape, such as
  `sh:target` and `sh:expression`.

evgraph refuses shapes with `sh:entailment`, as the standard demands of processors that infer nothing.

A query that needs `$this` where SPARQL has no value for it, such as in a BIND within OPTIONAL, runs once for each focus
node, and so does a query within a condition.

`sh:pattern` has regular expressions of [XPath](https://www.w3.org/TR/xpath-functions/#regex-syntax): `$` is the very
end, `\\w` contains symbols but not `_`, and a class may subtract another. Lookaround, back-references and `\\b` are no
part of them: pySHACL reads an expression that has these as one of Python.

On a server, a condition that counts to more than four values is not checked: Virtuoso finds wrong nodes for its query.

`"1"^^xsd:boolean` is not the literal `true`, so it switches nothing on; a notice names each.
"""
_VALUE = {
    "class": "ex:A", "datatype": "xsd:integer", "nodeKind": "sh:IRI", "minCount": "2", "maxCount": "5",
    "minInclusive": "1", "minExclusive": "1", "maxInclusive": "1", "maxExclusive": "1", "minLength": "1",
    "maxLength": "1", "pattern": '"^a"', "languageIn": '("en")', "uniqueLang": "true", "equals": "ex:q",
    "disjoint": "ex:q", "lessThan": "ex:q", "lessThanOrEquals": "ex:q", "not": "[ sh:nodeKind sh:IRI ]",
    "and": "([ sh:nodeKind sh:IRI ])", "or": "([ sh:nodeKind sh:IRI ])", "xone": "([ sh:nodeKind sh:IRI ])",
    "node": "[ sh:nodeKind sh:IRI ]", "property": "[ sh:path ex:q ; sh:minCount 1 ]", "closed": "true",
    "hasValue": "ex:a", "in": "(ex:a)",
}  # fmt: skip
_CONSTRAINTS: Mapping[str, str] = {
    **{f"sh:{name}": f"sh:{name} {value}" for name, value in _VALUE.items()},
    "sh:pattern of XPath's own": r'sh:pattern "\\i[a-z-[aeiou]]"',
    "sh:pattern with lookaround": 'sh:pattern "(?=a)b"',
    "sh:qualifiedMinCount": "sh:qualifiedValueShape [ sh:class ex:A ] ; sh:qualifiedMinCount 4",
    "sh:qualifiedMaxCount": "sh:qualifiedValueShape [ sh:class ex:A ] ; sh:qualifiedMaxCount 4",
    "sh:sparql": 'sh:sparql [ sh:select "SELECT $this WHERE { $this $PATH ?x }" ]',
    "sh:sparql, for each node": 'sh:sparql [ sh:select "SELECT $this WHERE { OPTIONAL { BIND($this AS ?x) } }" ]',
    "declared component": "ex:own 1",
}
_DECLARED = """
@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Own a sh:ConstraintComponent ; sh:parameter [ sh:path ex:own ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER($value = $own) }" ] .
"""


def reference() -> str:
    """Return the page."""
    rows = []
    for name, constraint in _CONSTRAINTS.items():
        shape = f"sh:path ex:p ; {constraint}"
        engines = (
            _engine(f"sh:property [ {shape} ]"),
            _engine(f"sh:not [ {shape} ]"),
            _engine(f"sh:property [ {shape} ]", in_process=False),
        )
        rows.append(f"| `{name}` | {' | '.join(engines)} |\n")
    return _HEAD + "".join(rows) + _TAIL + DIFFERENCES


def _engine(constraint: str, *, in_process: bool = True) -> str:
    """Return which engine validates by a shape."""
    text = f"{_DECLARED} ex:S a sh:NodeShape ; sh:targetClass ex:T ; {constraint} ."
    shapes = ShapesGraph([DataFile("shapes.ttl", FORMATS["turtle"], "http://example.org/", text.encode())])
    compiled = compile_shapes(shapes, lambda cls: [cls], in_process=in_process, has_targets=in_process)
    if compiled.refused or (compiled.not_compiled and not in_process):
        return "not checked"
    return "pySHACL" if compiled.not_compiled else "query"
