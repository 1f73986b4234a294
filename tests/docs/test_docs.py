"""The pages in docs/: generated pages are up to date, links resolve, examples and the picture match the ontology."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from docs.build import PAGES

from evgraph import shipped_files
from evgraph.namespaces import EVG, ID, OWL, PREFIXES, RDF, SH
from evgraph.rdf.files import find

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
TOP = f"@base <{ID}> .\n" + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
SVG = "{http://www.w3.org/2000/svg}"


def quads(*folders: Path) -> list[ox.Quad]:
    return [quad for file in find(folders) for quad in file.quads()]


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert page(name) == PAGES[name](), "out of date; run python -m docs.build"


def test_each_class_has_an_example_from_the_shipped_graph() -> None:
    shipped = {str(quad.triple) for quad in quads(shipped_files.data())}
    text = page("ontology.md").partition("## Classes")[2].partition("### Classes of other vocabularies")[0]
    parts = dict(re.findall(r"(?ms)^### (\w+)$(.*?)(?=^### |\Z)", text))
    classes = {
        quad.subject for quad in quads(shipped_files.ontology() / "evgraph.ttl") if str(quad.object) == f"<{OWL}Class>"
    }
    assert {ox.NamedNode(EVG + name) for name in parts} == classes
    for name, part in parts.items():
        examples = re.findall(r"(?s)```turtle\n(.*?)```", part)
        if not examples:
            assert "The shipped graph has none." in part
            assert not [triple for triple in shipped if triple.endswith(f"type> <{EVG}{name}>")]
        for example in examples:
            triples = [quad.triple for quad in ox.parse(TOP + example, format=ox.RdfFormat.TURTLE)]
            assert {str(triple) for triple in triples} <= shipped
            assert f"<{EVG}{name}>" in {
                str(triple.object) for triple in triples if triple.predicate.value == f"{RDF}type"
            }


def test_each_rule_and_each_controlled_value_is_listed_once() -> None:
    rules = [
        str(quad.subject).partition("#")[2].removesuffix(">")
        for quad in quads(shipped_files.ontology() / "shapes")
        if quad.predicate.value == f"{SH}severity"
    ]
    assert len(rules) > 100
    assert sorted(re.findall(r'(?m)^\| <a id="([\w-]+)"></a>', page("shapes.md"))) == sorted(rules)
    values = [
        quad.subject.value.removeprefix(f"{ID}scheme/").replace("/", ":")
        for quad in quads(shipped_files.ontology() / "schemes.ttl")
        if str(quad.object).endswith("#Concept>") and isinstance(quad.subject, ox.NamedNode)
    ]
    listed = re.findall(r"(?m)^\| `([\w:-]+)` \|", page("ontology.md").partition("## Controlled values")[2])
    assert sorted(listed) == sorted(values)


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page: its headings as GitHub writes them, and its own anchors."""
    text = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))
    headings = re.findall(r"(?m)^#+ (.*)$", text)
    of_headings = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return of_headings | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("path", [*sorted(DOCS.glob("*.md")), ROOT / "data" / "README.md"], ids=lambda path: path.name)
def test_links_resolve(path: Path) -> None:
    text = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_picture_is_accessible_and_self_contained() -> None:
    text = page("model.svg")
    root = ElementTree.fromstring(text)  # noqa: S314 - our own file
    assert root.get("role") == "img"
    descriptions = {root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")}
    assert all(descriptions)
    assert root.get("aria-labelledby") == "title desc"
    assert {element.tag.removeprefix(SVG) for element in root.iter()}.isdisjoint({"script", "image", "foreignObject"})
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"@import|url\((?!#)|href=", text), "it loads nothing"
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", text)]
    width = float((root.get("viewBox") or "").split()[2])
    assert min(sizes) * 700 / width >= 12, "legible 700 pixels wide"


def test_the_picture_uses_terms_of_the_ontology() -> None:
    terms = {
        quad.subject.value.removeprefix(EVG)
        for quad in quads(shipped_files.ontology() / "evgraph.ttl")
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(EVG)
    }
    root = ElementTree.fromstring(page("model.svg"))  # noqa: S314 - our own file
    for element in root.iter(f"{SVG}text"):
        words, kind = element.text or "", element.get("class", "")
        if kind in ("name", "kind"):
            assert words in terms
        elif kind.startswith("label") and " " not in words.replace(", ", ""):
            known = terms | {"specializationOf", "isDiscussedBy"}  # PROV-O's, CiTO's.
            assert set(re.findall(r"\w+", words)) <= known
