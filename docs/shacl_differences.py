"""The differences between SHACL engines, for the page on SHACL: printed by ``python -m bench.shacl_differences``."""

from __future__ import annotations

DIFFERENCES = r"""
## Compared with the standard and two other engines

`python -m bench.shacl_differences 0 6900` makes data and shapes by chance and compares evgraph, pySHACL 0.40.1 and
pyshacl-turbo 0.6.5 with an evaluator that is written from the definitions of the standard. What the standard leaves
open, or evgraph reports as not checked, is compared no further. To explain a difference, it asks the engine about one
constraint and one value at a time. It printed:

6900 cases: all agree in 4735; evgraph differs from the standard in 0

pySHACL differs in 1517, each for one cause or several:

| cases | cause |
| ---: | --- |
| 409 | it fails at patterns with `\p` or `\i`: they are XPath's, and Python has no such escapes |
| 204 | it fails at `sh:lessThan` with blank nodes, which only break the constraint |
| 142 | it compares booleans with numbers, which SPARQL does not |
| 123 | it compares ill-formed literals otherwise: they have no value and only break the constraint |
| 102 | it reads the pattern `^[a-z-[aeiou]]` in another way than XPath |
| 97 | it does not refuse sh:entailment, which it does not support |
| 87 | it compares dates with numbers, which SPARQL does not |
| 82 | it compares gYears with numbers, which SPARQL does not |
| 76 | it fails at comparing literals that SPARQL does not compare (such as RDFLib/rdflib#2949), which only break it |
| 73 | it compares literals of an unknown datatype otherwise: SPARQL does not compare them |
| 60 | its results by an ASK validator lack `sh:value` |
| 58 | it compares NaN otherwise: it is neither less nor more than any number |
| 50 | it compares long numbers otherwise: numbers beyond 64 bits, or decimals of over 18 places, have exact values |
| 47 | it reads the pattern `.` with the flag q in another way than XPath |
| 23 | it compares texts with a language otherwise: SPARQL does not compare them |
| 15 | it compares IRIs otherwise: they only break the constraint |
| 15 | it compares booleans with dates, which SPARQL does not |
| 13 | it reads the pattern `^ c [a t]+ $` with the flag x in another way than XPath |
| 11 | it compares booleans with gYears, which SPARQL does not |
| 8 | it compares dates with gYears, which SPARQL does not |
| 2 | it reads the pattern `a.b` with the flag s in another way than XPath |
| 1 | it compares gYears otherwise |
| 1 | its queries take a focus node that is an empty text for a variable without a value |

pyshacl-turbo differs in 1549, each for one cause or several:

| cases | cause |
| ---: | --- |
| 482 | it fails at patterns with `\i` or `\c`, which XPath has |
| 259 | it refuses shapes with `sh:target`, also those that have no such target |
| 254 | it refuses all shapes if any is not well-formed, also one that nothing uses |
| 184 | it compares long numbers otherwise: numbers beyond 64 bits, or decimals of over 18 places, have exact values |
| 98 | it reads the pattern `^[a-z-[aeiou]]` in another way than XPath |
| 97 | it does not refuse sh:entailment, which it does not support |
| 60 | it compares ill-formed literals otherwise: they have no value and only break the constraint |
| 57 | its results by an ASK validator lack `sh:value` |
| 47 | it reads the pattern `.` with the flag q in another way than XPath |
| 13 | it reads the pattern `^ c [a t]+ $` with the flag x in another way than XPath |
| 7 | it compares IRIs otherwise: they only break the constraint |
| 7 | it compares texts with a language otherwise: SPARQL does not compare them |
| 2 | it compares booleans otherwise |
| 2 | it reads the pattern `a.b` with the flag s in another way than XPath |
| 2 | it compares blank nodes otherwise: they only break the constraint |
| 1 | it compares literals of an unknown datatype otherwise: SPARQL does not compare them |
| 1 | it compares NaN otherwise: it is neither less nor more than any number |

unexplained: 0
"""
