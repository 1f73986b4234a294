"""The differences between SHACL engines, for the page on SHACL: printed by ``python -m bench.shacl_differences``."""

from __future__ import annotations

DIFFERENCES = r"""
## Compared with the standard and two other engines

`python -m bench.shacl_differences 0 10000` makes data and shapes by chance and compares evgraph, pySHACL and pyshacl-turbo
with an evaluator that is written from the definitions of the standard. It prints each difference by its causes.
"""
