"""Citations: exact on small data, and every document of the shipped graph read back by a parser of each format."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from tests.required import require

import evgraph
from evgraph.errors import UsageError
from evgraph.export.citation_formats import as_text, meta_tags
from evgraph.export.citations import Author, Citation, citation, citations, documents
from evgraph.formats import CITATION_FORMATS
from evgraph.namespaces import ID, PREFIXES
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.opening import SHIPPED, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Run

    from evgraph.store.protocol import Store

require("citeproc", "pybtex", "rispy")
import rispy  # noqa: E402
from citeproc import Citation as Cited  # noqa: E402
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter  # noqa: E402
from citeproc.source.json import CiteProcJSON  # noqa: E402
from pybtex.database import parse_string  # noqa: E402

HEAD = f"@base <{ID}> .\n" + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
DATA = r"""
doc:amber-2001 a evg:Document, evg:Study ; rdfs:label "Amber, De Leon et al. (2001)"@en ;
    dcterms:title "A 50% {rise} in\n \"use\" & \\ #1_a ~ $^"@en, "Ein Anstieg"@de ;
    dcterms:creator "De Leon G.A.", "Amber, Zoë", "Beech and Sons Ltd", org:mint ; dcterms:issued "2001"^^xsd:gYear ;
    dcterms:bibliographicCitation "Journal of Trees & Shrubs 12(3–4):e5–e9" ; bibo:doi "10.1000/a_b(c)<d>" ;
    bibo:pmid "123" .
doc:brown-2002 a evg:Document, evg:Guidance ; rdfs:label "Mint on brown things (2002)"@en ;
    dcterms:issued "2002"^^xsd:gYear ; dcterms:publisher org:mint, org:sage ;
    dcterms:bibliographicCitation "Leaflet 9, second series" .
doc:coral-2003 a evg:Document ; rdfs:label "Coral (2003)"@en ; dcterms:creator "Coral N" .
<entry/drug-A1/coral-2003> evg:lists doc:coral-2003 ; schema:headline "Reefs"@en .
doc:dusk-2004 a evg:Document, evg:Study ; rdfs:label "Dusk, van Dawn & Day et al. (2004)"@en .
doc:elm-2005 a evg:Document, evg:Study ; rdfs:label "Elm, De Oak & Day-Ash et al. (2005)"@en .
doc:bare a evg:Document .
doc:u-0123456789ab dcterms:isReplacedBy doc:old .
doc:old a evg:Document ; rdfs:label "Old"@en ; dcterms:isReplacedBy doc:brown-2002 .
<https://example.org/paper> a evg:Document ; dcterms:title "Paper" .
org:mint a schema:Organization ; rdfs:label "Mint & Co"@en .
<matrix/drug> a evg:Matrix ; rdfs:label "Drug Treatment Matrix"@en .
cell:drug-A1 a evg:Cell ; rdfs:label "Drug cell A1"@en ; evg:inMatrix <matrix/drug> .
<snapshot/drug-A1/1> prov:specializationOf cell:drug-A1 ; evg:sha256 "aa" ; dcterms:date "2025-01-31"^^xsd:date .
<snapshot/drug-A1/2> prov:specializationOf cell:drug-A1 ; evg:sha256 "bb" ; dcterms:date "2026-01-31"^^xsd:date ;
    dcterms:source <https://example.org/a1> .
org:sage rdfs:comment "Without a name" .
doc:hostile a evg:Document ; rdfs:label "" ; dcterms:title "\u0000\u001b[31mred\u202e\uFFFF" ; dcterms:publisher _:it ;
    dcterms:creator "\u0000", "}", "@" ; bibo:doi "10.1/{}%\\x y" .
_:one a evg:Document .
"""
DESCRIBED = "The title in square brackets is a description; the title itself is not in the graph."


@pytest.fixture(scope="module")
def store() -> Store:
    store = EmbeddedStore()
    store.extend(ox.parse(HEAD + DATA, format=ox.RdfFormat.TURTLE))
    return store


@pytest.fixture(scope="module")
def shipped() -> list[Citation]:
    store = open_store(SHIPPED)
    return [*citations(store, [*documents(store), f"{ID}cell/drug-E4", f"{ID}matrix/drug", f"{ID}dataset"])]


def test_a_document_has_all_that_the_graph_says(store: Store) -> None:
    assert citation(store, f"{ID}doc/amber-2001") == Citation(
        iri=f"{ID}doc/amber-2001",
        key="amber-2001",
        kind="article",
        title='A 50% {rise} in "use" & \\ #1_a ~ $^',
        authors=(
            Author("Amber", "Zoë"),
            Author("De Leon", "G.A."),
            Author("Beech and Sons Ltd"),
            Author("Mint & Co", is_organisation=True),
        ),
        has_more_authors=True,
        issued="2001",
        container="Journal of Trees & Shrubs",
        volume="12",
        issue="3-4",
        pages="e5-e9",
        doi="10.1000/a_b(c)<d>",
        pmid="123",
        address="https://doi.org/10.1000/a_b(c)%3Cd%3E",
        note=f"There are more authors. In evgraph: {ID}doc/amber-2001",
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "doc/amber-2001",
            "Amber Zoë, De Leon G.A., Beech and Sons Ltd, Mint & Co, et al. (2001)."
            ' A 50% {rise} in "use" & \\ #1_a ~ $^. Journal of Trees & Shrubs 12(3-4):e5-e9.'
            " https://doi.org/10.1000/a_b(c)%3Cd%3E",
        ),
        ("doc/brown-2002", f"[Mint on brown things] (2002). Mint & Co; org:sage. {ID}doc/brown-2002"),
        ("doc/u-0123456789ab", f"[Mint on brown things] (2002). Mint & Co; org:sage. {ID}doc/brown-2002"),
        ("doc/coral-2003", f"Coral N. [Reefs]. {ID}doc/coral-2003"),
        ("doc/dusk-2004", f"[Dusk, van Dawn & Day et al.]. {ID}doc/dusk-2004"),
        ("doc/elm-2005", f"Elm, De Oak, Day-Ash, et al. [Elm, De Oak & Day-Ash et al.]. {ID}doc/elm-2005"),
        ("doc/bare", f"[doc:bare]. {ID}doc/bare"),
        ("cell/drug-A1", "Drug cell A1. Drug Treatment Matrix. Captured 2026-01-31. https://example.org/a1"),
        ("matrix/drug", f"Drug Treatment Matrix. {ID}matrix/drug"),
        ("dataset", f"evgraph: the Alcohol and Drug Treatment Matrices as linked data. {ID}dataset"),
    ],
)
def test_a_citation_is_one_line(store: Store, name: str, expected: str) -> None:
    assert as_text(citation(store, ID + name)) == expected


def test_what_was_not_understood_is_in_the_note(store: Store) -> None:
    brown, cell = (citation(store, ID + name) for name in ("doc/brown-2002", "cell/drug-A1"))
    assert brown.note == f"{DESCRIBED} Leaflet 9, second series In evgraph: {ID}doc/brown-2002"
    assert cell.note == f"SHA-256 of the text: bb In evgraph: {ID}cell/drug-A1"
    assert citation(store, "https://example.org/paper").address == "https://example.org/paper"


def test_bibtex_to_the_letter(store: Store) -> None:
    written = "".join(CITATION_FORMATS["bibtex"].write(citations(store, [f"{ID}doc/amber-2001"])))
    assert written == (
        "@article{amber-2001,\n"
        "  author = {Amber, Zoë and De Leon, G.A. and {Beech and Sons Ltd} and {Mint \\& Co} and others},\n"
        '  title = {{A 50\\% \\textbraceleft{}rise\\textbraceright{} in "use" \\& \\textbackslash{} \\#1\\_a'
        " \\textasciitilde{} \\$\\textasciicircum{}}},\n"
        "  journal = {Journal of Trees \\& Shrubs},\n"
        "  year = {2001},\n"
        "  volume = {12},\n"
        "  number = {3-4},\n"
        "  pages = {e5--e9},\n"
        "  doi = {10.1000/a_b(c)<d>},\n"
        "  pmid = {123},\n"
        "  url = {https://doi.org/10.1000/a_b(c)%3Cd%3E},\n"
        f"  note = {{There are more authors. In evgraph: {ID}doc/amber-2001}}\n"
        "}\n"
    )
    [entry] = parse_string(written, "bibtex").entries.values()
    assert [str(person) for person in entry.persons["author"]] == [
        "Amber, Zoë", "De Leon, G.A.", "{Beech and Sons Ltd}", "{Mint \\& Co}", "others",
    ]  # fmt: skip


def test_ris_and_csl_to_the_letter(store: Store) -> None:
    cited = [citation(store, f"{ID}doc/amber-2001")]
    [ris] = rispy.loads("".join(CITATION_FORMATS["ris"].write(cited)))
    assert {name: value for name, value in ris.items() if name not in {"id", "notes"}} == {
        "type_of_reference": "JOUR",
        "authors": ["Amber, Zoë", "De Leon, G.A.", "Beech and Sons Ltd", "Mint & Co"],
        "year": "2001",
        "title": 'A 50% {rise} in "use" & \\ #1_a ~ $^',
        "secondary_title": "Journal of Trees & Shrubs",
        "volume": "12",
        "number": "3-4",
        "start_page": "e5",
        "end_page": "e9",
        "doi": "10.1000/a_b(c)<d>",
        "accession_number": "123",
        "urls": ["https://doi.org/10.1000/a_b(c)%3Cd%3E"],
    }
    [csl] = json.loads("".join(CITATION_FORMATS["csl"].write(cited)))
    assert csl == {
        "id": "amber-2001",
        "type": "article-journal",
        "title": 'A 50% {rise} in "use" & \\ #1_a ~ $^',
        "author": [
            {"family": "Amber", "given": "Zoë"},
            {"family": "De Leon", "given": "G.A."},
            {"family": "Beech and Sons Ltd"},
            {"literal": "Mint & Co"},
        ],
        "issued": {"date-parts": [[2001]]},
        "container-title": "Journal of Trees & Shrubs",
        "volume": "12",
        "issue": "3-4",
        "page": "e5-e9",
        "DOI": "10.1000/a_b(c)<d>",
        "PMID": "123",
        "URL": "https://doi.org/10.1000/a_b(c)%3Cd%3E",
        "note": f"There are more authors. In evgraph: {ID}doc/amber-2001",
    }


def test_hostile_values_break_no_format(store: Store) -> None:
    everything = list(citations(store, documents(store)))
    hostile = next(citation for citation in everything if citation.key == "hostile")
    assert as_text(hostile) == "@, }. [31mred. https://doi.org/10.1/%7B%7D%25%5Cx%20y"
    texts = {name: "".join(kind.write(everything)) for name, kind in CITATION_FORMATS.items()}
    entry = parse_string(texts["bibtex"], "bibtex").entries["hostile"]
    assert [str(person) for person in entry.persons["author"]] == ["@", "\\textbraceright{}"]
    assert (entry.fields["title"], "doi" in entry.fields) == ("{[31mred}", False)
    for read in (rispy.loads(texts["ris"]), json.loads(texts["csl"]), texts["text"].splitlines()):
        assert len(read) == len(everything) == 8


def test_the_tags_of_a_page(store: Store) -> None:
    assert meta_tags(citation(store, f"{ID}doc/amber-2001")) == [
        ("citation_title", 'A 50% {rise} in "use" & \\ #1_a ~ $^'),
        ("citation_author", "Amber, Zoë"),
        ("citation_author", "De Leon, G.A."),
        ("citation_author", "Beech and Sons Ltd"),
        ("citation_author", "Mint & Co"),
        ("citation_publication_date", "2001"),
        ("citation_journal_title", "Journal of Trees & Shrubs"),
        ("citation_volume", "12"),
        ("citation_issue", "3-4"),
        ("citation_firstpage", "e5"),
        ("citation_lastpage", "e9"),
        ("citation_doi", "10.1000/a_b(c)<d>"),
        ("citation_pmid", "123"),
        ("citation_public_url", "https://doi.org/10.1000/a_b(c)%3Cd%3E"),
    ]


def test_every_document_of_the_shipped_graph_as_bibtex(shipped: list[Citation]) -> None:
    entries = parse_string("".join(CITATION_FORMATS["bibtex"].write(shipped)), "bibtex").entries
    assert list(entries) == [expected.key for expected in shipped]
    for expected in shipped:
        fields = entries[expected.key].fields
        assert all(value and "None" not in value for value in fields.values()), expected.key
        assert (fields.get("year", ""), fields.get("doi", "")) == (expected.issued, expected.doi)
        others = [Author("others")] if expected.has_more_authors else []
        assert len(entries[expected.key].persons.get("author", [])) == len([*expected.authors, *others])


def test_every_document_of_the_shipped_graph_as_ris(shipped: list[Citation]) -> None:
    records = rispy.loads("".join(CITATION_FORMATS["ris"].write(shipped)))
    assert [record["title"] for record in records] == [citation.title for citation in shipped]
    assert [record.get("year", "") for record in records] == [citation.issued for citation in shipped]
    assert not [record for record in records if "" in record.values() or "None" in record.values()]


def test_every_document_of_the_shipped_graph_as_csl(shipped: list[Citation]) -> None:
    items = json.loads("".join(CITATION_FORMATS["csl"].write(shipped)))
    assert not [item for item in items for value in item.values() if value in ("", None, [], {})]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of the library, about its style and fields that it does not know.
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
        for item in items:
            bibliography.register(Cited([CitationItem(item["id"])]))
        texts = list(map(str, bibliography.bibliography()))
    assert len(texts) == len(shipped)
    assert [text for text in texts if "Blankers" in text] == [
        "Blankers, M. (2011) “[Text chat therapy]”, Journal of Consulting and Clinical Psychology, 79(3), pp. 330–341."
    ]


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        ("entry:drug-E4/timko-2007", "entry:drug-E4/timko-2007 is no document, cell or matrix of this graph"),
        (
            "doc:zzz-1",
            "doc:zzz-1 is no document, cell or matrix of this graph\n  name one of these, or 'dataset' for the whole",
        ),
        ("doc:timkoo", "doc:timkoo is no document, cell or matrix of this graph\n  did you mean doc:timko-2007?"),
        ("E4", "THING E4: this may mean 2 things"),
    ],
)
def test_what_cannot_be_cited_is_an_error(run: Run, thing: str, message: str) -> None:
    ran = run("cite", thing)
    assert (ran.code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_the_command_takes_names_and_writes_files(run: Run, tmp_path: Path) -> None:
    ran = run("cite", "timko", "dataset", "-o", tmp_path / "two.bib")
    assert (ran.code, ran.stderr) == (0, "note: using Timko & DeBenedetti (2007) (doc:timko-2007) for 'timko'\n")
    entries = parse_string((tmp_path / "two.bib").read_text(encoding="utf-8"), "bibtex").entries
    assert list(entries) == ["timko-2007", "dataset"]
    assert run("export", "--citations", "-o", tmp_path / "all.ris").code == 0
    assert len(rispy.loads((tmp_path / "all.ris").read_text(encoding="utf-8"))) == 35


def test_python_cites_too() -> None:
    graph = evgraph.open()
    assert graph.cite(graph.document("timko-2007")) == graph.cite("timko-2007")
    assert json.loads(graph.cite("dataset", format="csl"))[0]["version"] == evgraph.__version__
    with pytest.raises(UsageError, match="cannot write citations as pdf; use text, bibtex, ris, csl"):
        graph.cite("dataset", format="pdf")


def test_opencitations_with_the_passage(run: Run) -> None:
    lines = run("export", "--citations", "--format", "opencitations").stdout.splitlines()
    assert lines[0] == "citing,cited,creation,timespan,passages,citing_document,cited_document"
    assert [line.split(",") for line in lines if "timko" in line] == [
        [
            f"{ID}doc/nice-2011-guidelines",
            "doi:10.1016/j.drugalcdep.2007.04.007",
            "2011",
            "P4Y",
            f"{ID}passage/efce44c0c094406b/18454-18759",
            f"{ID}doc/nice-2011-guidelines",
            f"{ID}doc/timko-2007",
        ]
    ]
