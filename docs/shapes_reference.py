"""The page of what is checked, made from ``ontology/shapes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.described import Described, code, plain, short, table
from evgraph import shipped_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEAD = """\
# What is checked

`evgraph validate` judges data by these rules. A finding names its rule; here is what each demands. They are SHACL
([the standard](https://www.w3.org/TR/shacl/)), one file a class in [`ontology/shapes/`](../ontology/shapes), and are
[written in Turtle](../CONTRIBUTING.md#add-a-shape) like all the rest. What the classes and properties mean stands in
[ontology.md](ontology.md), and what is checked of the graph as a whole in [checks.md](checks.md).

| severity | what it says |
| --- | --- |
| violation | the statement is wrong, or one that must be there is missing; `validate` ends with exit code 1 |
| warning | a person should look; the data may be right |
| info | worth knowing |

This page is written by `python -m docs.build`; a test fails when it is out of date.
"""
_CONDITIONS = """
## Conditions

Rules are put together from these; by themselves they judge nothing.

"""


def reference() -> str:
    """Give the page."""
    files = sorted((shipped_files.ontology() / "shapes").glob("*.ttl"))
    parts = [_HEAD]
    conditions: list[tuple[str, ...]] = []
    for path in files:
        shapes = Described(path)
        rows = list(_rules(shapes))
        if rows:
            parts.append(f"\n## {path.stem}\n\n{_intro(path, shapes)}\n\n")
            parts.append(table(("rule", "of", "what it demands", "severity"), rows))
        else:
            conditions += [
                (f"`{short(one)}`", plain(shapes.value(one, "sh:name")))
                for one in shapes
                if shapes.value(one, "sh:name") and not one.endswith("-inScheme")
            ]
    return "".join([*parts, _CONDITIONS, table(("condition", "it"), conditions)])


def path_of(shapes: Described, rule: str) -> str:
    """Give a property shape's path as SPARQL writes it, with CURIEs; "" where the shape has none."""
    path = shapes.value(rule, "sh:path")
    return _written(shapes, path) if path else ""


def _written(shapes: Described, path: str) -> str:
    if steps := shapes.members(path):
        return "/".join(_written(shapes, step) for step in steps)
    if inverse := shapes.value(path, "sh:inversePath"):
        return f"^{short(inverse)}"
    if path.startswith("_:"):
        raise NotImplementedError(
            "a path that is neither a sequence nor an inverse: teach it to docs/shapes_reference.py"
        )
    return short(path)


def _intro(path: Path, shapes: Described) -> str:
    comment = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    targets: dict[str, None] = {}
    for shape in shapes:
        if classes := shapes.values(shape, "sh:targetClass"):
            targets[f"each {code(classes)}"] = None
        if subjects := shapes.values(shape, "sh:targetSubjectsOf"):
            targets[f"whatever has {code(subjects)}"] = None
        if objects := shapes.values(shape, "sh:targetObjectsOf"):
            targets[f"whatever is the value of {code(objects)}"] = None
    return f"{comment} Judged: {'; '.join(targets)}. File: [{path.name}](../ontology/shapes/{path.name})."


def _rules(shapes: Described) -> Iterator[tuple[str, ...]]:
    """Give the rows of one file, in its order: every shape with a message of its own."""
    for rule in shapes:
        severity = shapes.value(rule, "sh:severity").rpartition("#")[2].lower()
        if severity:
            name = short(rule).removeprefix("shape:")
            path = path_of(shapes, rule)
            of = f"`{path}`" if path else plain(shapes.value(rule, "sh:name"))
            yield f'<a id="{name}"></a>`{name}`', of, plain(shapes.value(rule, "sh:message")), severity
