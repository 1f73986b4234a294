"""The reference of the shapes, made from ``ontology/shapes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.described import Described, code, plain, short, table
from evgraph import shipped_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEAD = """\
# Rules for single things

`evgraph validate` applies these rules, and each finding names its rule. The rules are
[SHACL](https://www.w3.org/TR/shacl/) shapes in [`ontology/shapes/`](../ontology/shapes), one file per class; see
[how to add one](../CONTRIBUTING.md#add-a-shape). [ontology.md](ontology.md) defines the classes and properties, and
[checks.md](checks.md) lists the rules for the graph as a whole. The *register* says which record is which document, and
*curated* data is what people decide, in the folder `curated/`.

| severity | meaning |
| --- | --- |
| violation | a statement is wrong, or a required one is missing; `validate` exits with code 1 |
| warning | a person should look; the data may be right |
| info | worth knowing |

`python -m docs.build` writes this page; a test fails if it is out of date.
"""
_CONDITIONS = """
## Conditions

Rules use these conditions; they validate nothing by themselves.

"""


def reference() -> str:
    """Return the page as Markdown."""
    files = sorted((shipped_files.ontology() / "shapes").glob("*.ttl"))
    parts = [_HEAD]
    conditions: list[tuple[str, ...]] = []
    for path in files:
        shapes = Described(path)
        rows = list(_rules(shapes))
        if rows:
            parts.append(f"\n## {path.stem}\n\n{_intro(path, shapes)}\n\n")
            parts.append(table(("rule", "about", "message", "severity"), rows))
        else:
            conditions += [
                (f"`{short(shape)}`", plain(shapes.value(shape, "sh:name")))
                for shape in shapes
                if shapes.value(shape, "sh:name") and not shape.endswith("-inScheme")
            ]
    return "".join([*parts, _CONDITIONS, table(("condition", "it"), conditions)])


def path_of(shapes: Described, rule: str) -> str:
    """Return a property shape's path in SPARQL syntax with CURIEs, or "" if it has none."""
    path = shapes.value(rule, "sh:path")
    return _written(shapes, path) if path else ""


def _written(shapes: Described, path: str) -> str:
    if steps := shapes.members(path):
        return "/".join(_written(shapes, step) for step in steps)
    if inverse := shapes.value(path, "sh:inversePath"):
        return f"^{short(inverse)}"
    if alternatives := shapes.value(path, "sh:alternativePath"):
        return f"({'|'.join(_written(shapes, part) for part in shapes.members(alternatives))})"
    if path.startswith("_:"):
        raise NotImplementedError("docs/shapes_reference.py writes only sequences, alternatives and inverse paths")
    return short(path)


def _intro(path: Path, shapes: Described) -> str:
    comment = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    targets: dict[str, None] = {}
    for shape in shapes:
        if classes := shapes.values(shape, "sh:targetClass"):
            targets[f"every {code(classes)}"] = None
        if subjects := shapes.values(shape, "sh:targetSubjectsOf"):
            targets[f"everything with {code(subjects)}"] = None
        if objects := shapes.values(shape, "sh:targetObjectsOf"):
            targets[f"every value of {code(objects)}"] = None
    return f"{comment} Applies to: {'; '.join(targets)}. File: [{path.name}](../ontology/shapes/{path.name})."


def _rules(shapes: Described) -> Iterator[tuple[str, ...]]:
    """Return a row for each shape with a severity, in the order of the file."""
    for rule in shapes:
        severity = shapes.value(rule, "sh:severity").rpartition("#")[2].lower()
        if severity:
            name = short(rule).removeprefix("shape:")
            path = path_of(shapes, rule)
            about = f"`{path}`" if path else plain(shapes.value(rule, "sh:name"))
            yield f'<a id="{name}"></a>`{name}`', about, plain(shapes.value(rule, "sh:message")), severity
