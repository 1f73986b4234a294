"""The differences between SHACL engines, for the page on SHACL: printed by ``python -m bench.shacl_differences``."""

from __future__ import annotations

DIFFERENCES = r"""
## Compared with the standard and two other engines

`python -m bench.shacl_differences 0 4500` makes data and shapes by chance and compares evgraph, pySHACL 0.40.1 and
pyshacl-turbo 0.6.5 with an evaluator that is written from the definitions of the standard. What the standard leaves
open, or evgraph reports as not checked, is compared no further. To explain a difference, it asks the engine about one
constraint and one value at a time. It printed:

4500 cases: all agree in 3109; evgraph differs from the standard in 0

pySHACL differs in 954, each for one cause or several:

| cases | cause |
| ---: | --- |
| 264 | it fails at patterns with `\p` or `\i`: they are XPath's, and Python has no such escapes |
| 112 | it fails at `sh:lessThan` with blank nodes, which only break the constraint |
| 81 | it compares booleans with numbers, which SPARQL does not |
| 77 | it compares ill-formed literals otherwise: they have no value and only break the constraint |
| 68 | it does not refuse sh:entailment, which it does not support |
| 66 | it reads the pattern `^[a-z-[aeiou]]` in another way than XPath |
| 60 | it compares gYears with numbers, which SPARQL does not |
| 58 | it compares dates with numbers, which SPARQL does not |
| 51 | it fails at comparing literals that SPARQL does not compare, (such as RDFLib/rdflib#2949), which only break it |
| 47 | it compares literals of an unknown datatype otherwise: SPARQL does not compare them |
| 38 | its results by an ASK validator lack `sh:value` |
| 33 | it compares NaN otherwise: it is neither less nor more than any number |
| 28 | it reads the pattern `.` with the flag q in another way than XPath |
| 27 | it compares long numbers otherwise: numbers beyond 64 bits, or decimals of over 18 places, have exact values |
| 15 | it compares texts with a language otherwise: SPARQL does not compare them |
| 12 | it reads the pattern `^ c [a t]+ $` with the flag x in another way than XPath |
| 10 | it compares IRIs otherwise: they only break the constraint |
| 8 | it compares booleans with gYears, which SPARQL does not |
| 8 | it compares booleans with dates, which SPARQL does not |
| 2 | it compares dates with gYears, which SPARQL does not |
| 1 | it compares gYears otherwise |
| 1 | its queries take a focus node that is an empty text for a variable without a value |

pyshacl-turbo differs in 1013, each for one cause or several:

| cases | cause |
| ---: | --- |
| 308 | it fails at patterns with `\i` or `\c`, which XPath has |
| 172 | it refuses all shapes if any is not well-formed, also one that nothing uses |
| 172 | it refuses shapes with `sh:target`, also those that have no such target |
| 113 | it compares long numbers otherwise: numbers beyond 64 bits, or decimals of over 18 places, have exact values |
| 68 | it does not refuse sh:entailment, which it does not support |
| 64 | it reads the pattern `^[a-z-[aeiou]]` in another way than XPath |
| 44 | it compares ill-formed literals otherwise: they have no value and only break the constraint |
| 38 | its results by an ASK validator lack `sh:value` |
| 27 | it reads the pattern `.` with the flag q in another way than XPath |
| 12 | it reads the pattern `^ c [a t]+ $` with the flag x in another way than XPath |
| 6 | it compares texts with a language otherwise: SPARQL does not compare them |
| 3 | it compares IRIs otherwise: they only break the constraint |
| 2 | it compares booleans otherwise |
| 1 | it compares literals of an unknown datatype otherwise: SPARQL does not compare them |

unexplained: 0
"""
