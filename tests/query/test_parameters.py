"""Values as people type them, read as terms."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode

from evgraph.errors import Hint, UsageError
from evgraph.namespaces import ID
from evgraph.query import parameters
from evgraph.query.question import Parameter
from evgraph.store.embedded import EmbeddedStore
from evgraph.text import shown

INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
LIBRARY = """
PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX evg: <https://w3id.org/evgraph/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#> BASE <https://w3id.org/evgraph/id/>
INSERT DATA {
<scheme/marker/K> skos:inScheme <scheme/marker> ; skos:notation "K" ; skos:prefLabel "Key study" , "Key studies" .
<scheme/marker/R> skos:inScheme <scheme/marker> ; skos:notation "R" ; skos:prefLabel "Review" .
<scheme/country/GB> skos:inScheme <scheme/country> ; skos:notation "GB" , "UK" ; skos:prefLabel "United Kingdom" .
<scheme/country/US> skos:inScheme <scheme/country> ; skos:notation "US" ; skos:prefLabel "United States" .
<scheme/topic/commissioning> skos:inScheme <scheme/topic> ; skos:prefLabel "Commissioning" .
<org/nice> a schema:Organization ; rdfs:label "NICE" , "National Institute for Health and Care Excellence" .
<org/nta> a schema:Organization ; rdfs:label "National Treatment Agency" .
<org/phe> a schema:Organization ; rdfs:label "Public Health England" .
<doc/centre> a evg:Document ; rdfs:label "The centre" .
<doc/counter> a evg:Document ; rdfs:label "The counter" .
}"""


def library() -> EmbeddedStore:
    memory = ox.Store()
    memory.update(LIBRARY)
    store = EmbeddedStore()
    store.extend(memory)
    return store


STORE = library()


def parameter(kind: str, *, required: bool = False) -> Parameter:
    choices = ("yes", "no") if kind == "choice" else ()
    return Parameter("it", kind, "what it is", "an example", required, None, choices)


@pytest.mark.parametrize(
    ("kind", "typed", "iri"),
    [
        ("cell", "drug:E4", "cell/drug-E4"),
        ("cell", " drug:e4 ", "cell/drug-E4"),
        ("cell", "alcohol-e4", "cell/alcohol-E4"),
        ("cell", "Drug-A1", "cell/drug-A1"),
        ("cell", "drug E4", "cell/drug-E4"),
        ("cell", "Drug: e 4", "cell/drug-E4"),
        ("cell", "cell:drug-E4", "cell/drug-E4"),
        ("cell", f"{ID}cell/drug-E4", "cell/drug-E4"),
        ("cell", f"<{ID}cell/drug-E4>", "cell/drug-E4"),
        ("document", "timko-2007", "doc/timko-2007"),
        ("document", "doc:timko-2007", "doc/timko-2007"),
        ("document", "<doc:timko-2007>", "doc/timko-2007"),
        ("document", f"{ID}doc/u-0123456789ab", "doc/u-0123456789ab"),
        ("matrix", "drug", "matrix/drug"),
        ("matrix", "Alcohol", "matrix/alcohol"),
        ("matrix", "matrix:drug", "matrix/drug"),
        ("matrix", f"<{ID}matrix/drug>", "matrix/drug"),
        ("marker", "K", "scheme/marker/K"),
        ("marker", "k", "scheme/marker/K"),
        ("marker", "key studies", "scheme/marker/K"),
        ("marker", "Key", "scheme/marker/K"),
        ("marker", "marker:R", "scheme/marker/R"),
        ("country", "US", "scheme/country/US"),
        ("country", "UK", "scheme/country/GB"),
        ("country", "United States", "scheme/country/US"),
        ("country", "country:GB", "scheme/country/GB"),
        ("country", f"{ID}scheme/country/GB", "scheme/country/GB"),
        ("topic", "Commissioning", "scheme/topic/commissioning"),
        ("topic", "topic:commissioning", "scheme/topic/commissioning"),
        ("organisation", "nice", "org/nice"),
        ("organisation", "NICE", "org/nice"),
        ("organisation", "org:phe", "org/phe"),
        ("organisation", f"<{ID}org/phe>", "org/phe"),
        ("organisation", "Public Health England", "org/phe"),
        ("organisation", "public", "org/phe"),
        ("organisation", "Públic Health\u2009England", "org/phe"),
        ("iri", "entry:drug-E4/timko-2007", "entry/drug-E4/timko-2007"),
    ],
)
def test_iris(kind: str, typed: str, iri: str) -> None:
    assert parameters.read(parameter(kind, required=True), typed, STORE) == (NamedNode(ID + iri),)


def test_a_document_may_have_a_foreign_iri() -> None:
    assert parameters.read(parameter("document"), "https://doi.org/10.1/x", STORE) == (
        NamedNode("https://doi.org/10.1/x"),
    )


@pytest.mark.parametrize(
    ("kind", "typed", "term"),
    [
        ("year", "2007", Literal("2007", datatype=INTEGER)),
        ("integer", "12", Literal("12", datatype=INTEGER)),
        ("integer", "-3", Literal("-3", datatype=INTEGER)),
        ("year", "2007.0", Literal("2007", datatype=INTEGER)),
        ("integer", "-3.0", Literal("-3", datatype=INTEGER)),
        ("choice", "YES", Literal("yes")),
        ("doi", "https://doi.org/10.1037%2fA0022608%3Cx", Literal("10.1037/a0022608<x")),
        ("doi", "10.1037/50%2Foff", Literal("10.1037/50%2foff")),
        ("text", 'said "so"', Literal('said "so"')),
        ("choice", "yes", Literal("yes")),
        ("doi", "10.1037/A0022608", Literal("10.1037/a0022608")),
        ("doi", "doi:10.1037/a0022608", Literal("10.1037/a0022608")),
        ("doi", "DOI: 10.1037/a0022608", Literal("10.1037/a0022608")),
        ("doi", "https://doi.org/10.1037/a0022608", Literal("10.1037/a0022608")),
        ("doi", "http://dx.doi.org/10.1037/a0022608", Literal("10.1037/a0022608")),
        ("doi", "doi.org/10.1002/14651858.CD005338.pub2", Literal("10.1002/14651858.cd005338.pub2")),
        ("pmid", "17524574", Literal("17524574")),
        ("pmid", "PMID: 17524574", Literal("17524574")),
        ("pmid", "https://pubmed.ncbi.nlm.nih.gov/17524574/", Literal("17524574")),
        ("pmid", "https://www.ncbi.nlm.nih.gov/pubmed/17524574", Literal("17524574")),
    ],
)
def test_literals(kind: str, typed: str, term: Literal) -> None:
    assert parameters.read(parameter(kind), typed, STORE) == (term,)


def test_words_are_the_phrase_and_then_each_word() -> None:
    def read(text: str) -> list[str]:
        return [term.value for term in parameters.read(parameter("words"), text, STORE)]

    assert read("  Mutual & AID ") == ["mutual aid", "mutual", "aid"]
    assert read("aid Aid") == ["aid aid", "aid"]
    assert read("Zürich") == ["zürich"]


def test_e4_means_both_matrices_where_a_cell_is_optional() -> None:
    assert parameters.read(parameter("cell"), "E4", STORE) == (
        NamedNode(f"{ID}cell/alcohol-E4"),
        NamedNode(f"{ID}cell/drug-E4"),
    )
    assert parameters.read(parameter("cell"), "e 4", STORE) == parameters.read(parameter("cell"), "E4", STORE)


def test_a_choice_in_both_cases_is_read_as_typed() -> None:
    both = Parameter("it", "choice", "", "", required=False, choices=("a", "A"))
    assert [parameters.read(both, typed, STORE)[0].value for typed in "aA"] == ["a", "A"]


def test_e4_is_too_little_where_a_cell_is_required() -> None:
    with pytest.raises(UsageError, match="both matrices") as refused:
        parameters.read(parameter("cell", required=True), "E4", STORE)
    assert refused.value.hint is Hint.CHOOSE_CELL
    assert refused.value.expected == ("drug:E4", "alcohol:E4")


@pytest.mark.parametrize(
    ("kind", "typed", "message"),
    [
        ("cell", "F4", "expected a cell: E4, drug:E4"),
        ("cell", "E6", "expected a cell"),
        ("cell", "drug", "expected a cell"),
        ("cell", "drugs:E4", "did you mean 'drug:E4'?"),
        ("cell", "doc:timko-2007", "expected a cell"),
        ("cell", "https://example.org/E4", "expected a cell"),
        ("document", "Timko 2007", "no document in this graph has this name, or these words in a name or title"),
        ("document", "cell:drug-E4", "expected a document"),
        ("document", "doc:", "expected a document"),
        ("document", f"{ID}doc/a b", "no document in this graph"),
        ("document", "javascript:alert(1)", "no document in this graph has this name"),
        ("matrix", "drugs", "expected a matrix: alcohol or drug; did you mean 'drug'?"),
        ("matrix", "cell:drug-E4", "expected a matrix"),
        ("marker", "Z", "expected a marker: S, K, R or G"),
        ("marker", "key studdies", "did you mean 'key studies'?"),
        ("country", "united", "expected a country"),
        ("country", "Unitd States", "did you mean 'united states'?"),
        ("country", "", "expected a country"),
        ("topic", "comissioning", "did you mean 'commissioning'?"),
        ("organisation", "nise", "did you mean org:nice (NICE)?"),
        ("organisation", "Publik Health England", "did you mean org:phe (Public Health England)"),
        ("organisation", "national", "this may mean 2 organisations"),
        ("organisation", "org:", "expected an organisation: nice, org:nice, NICE, or its name"),
        ("organisation", "doc:nice-2007", "expected an organisation"),
        ("doi", "a0022608", "expected a DOI: 10.1037/a0022608"),
        ("doi", "https://example.org/10.1037/a0022608", "expected a DOI"),
        ("doi", "10.1037/a b", "expected a DOI"),
        ("pmid", "PMC123", "expected a PubMed number"),
        ("words", "& - ?", "expected words with letters or digits"),
        ("words", "a " * 101, "at most 100"),
        ("iri", "something", "no document, section, organisation or cell in this graph has this name"),
        ("iri", "http://a b", "no document, section, organisation or cell"),
        ("iri", "nobody:thing", "no document, section, organisation or cell"),
        ("iri", "doc:", "expected an IRI"),
        ("year", "07", "expected a year of four digits"),
        ("year", "2007.5", "expected a year"),
        ("year", "٢٠٠٧", "expected a year"),
        ("year", "2007.00", "expected a year"),
        ("year", "-2007", "expected a year"),
        ("cell", "drugE4", "expected a cell"),
        ("cell", "E  4", "expected a cell"),
        ("integer", "many", "expected a whole number"),
        ("integer", "9" * 19, "expected a whole number"),
        ("choice", "yess", "expected one of yes, no; did you mean 'yes'?"),
    ],
)
def test_a_bad_value_says_what_is_expected(kind: str, typed: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        parameters.read(parameter(kind, required=True), typed, STORE)
    assert message in str(refused.value)
    assert (refused.value.parameter, refused.value.value) == ("it", shown(typed.strip(), 80))


def test_a_message_shows_hidden_characters() -> None:
    with pytest.raises(UsageError) as refused:
        parameters.read(parameter("cell"), "\x1b[31mE9", STORE)
    assert refused.value.value == "⟨U+001B⟩[31mE9"


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(UsageError, match="expected"):
        parameters.read(parameter("text"), "\udcff", STORE)


def test_without_schemes_a_notation_is_enough() -> None:
    none = EmbeddedStore()
    assert parameters.read(parameter("marker"), "k", none) == (NamedNode(f"{ID}scheme/marker/K"),)
    assert parameters.read(parameter("country"), "gb-sct", none) == (NamedNode(f"{ID}scheme/country/GB-SCT"),)
    assert parameters.read(parameter("topic"), "new-topic", none) == (NamedNode(f"{ID}scheme/topic/new-topic"),)
    assert parameters.read(parameter("organisation"), "org:nice", none) == (NamedNode(f"{ID}org/nice"),)
    with pytest.raises(UsageError, match="expected a country"):
        parameters.read(parameter("country"), "france", none)
