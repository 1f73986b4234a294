"""The clients that people use, as they come: curl, SPARQLWrapper, rdflib, pandas. Each gets the rows of the shell."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from evgraph.export.export import export
from evgraph.namespaces import ID

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.web.conftest import Served

# Of rdflib, about itself.
pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")

QUERY = "SELECT DISTINCT ?guidance WHERE { ?guidance a <https://w3id.org/evgraph/ns#Guidance> } ORDER BY ?guidance"
CONSTRUCT = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ <{ID}doc/timko-2007> }} ?s ?p ?o }}"


def rows(run: Run, query: str = QUERY) -> list[str]:
    found = json.loads(run("query", "-", "--format", "json", stdin=query).output)["results"]["bindings"]
    return [row["guidance"]["value"] for row in found]


def test_curl(served: Served, run: Run) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")

    def curl(*args: str) -> bytes:
        return subprocess.run(["curl", "-sS", "--fail-with-body", *args], capture_output=True, check=True).stdout

    csv = run("query", "-", "--format", "csv", stdin=QUERY).output
    assert curl("-H", "Accept: text/csv", "--data-urlencode", f"query={QUERY}", f"{served.url}/sparql") == csv
    assert curl("-G", "-H", "Accept: text/csv", "--data-urlencode", f"query={QUERY}", f"{served.url}/sparql") == csv
    followed = curl("-L", "--compressed", "-H", "Accept: text/turtle", f"{served.url}/id/doc/timko-2007")
    assert followed == curl(f"{served.url}/doc/timko-2007.ttl")
    rows_of_question = curl(f"{served.url}/questions/shared-documents?format=csv")
    assert rows_of_question == run("query", "shared-documents", "--format", "csv").output


@pytest.mark.default_cases(1)
@pytest.mark.parametrize("way", ["GET", "POST", "direct"])
def test_sparqlwrapper(served: Served, run: Run, way: str) -> None:
    import SPARQLWrapper

    wrapper = SPARQLWrapper.SPARQLWrapper(f"{served.url}/sparql")
    wrapper.setMethod("GET" if way == "GET" else "POST")
    if way == "direct":
        wrapper.setRequestMethod(SPARQLWrapper.POSTDIRECTLY)
    wrapper.setQuery(QUERY)
    wrapper.setReturnFormat(SPARQLWrapper.JSON)
    found: Any = wrapper.queryAndConvert()
    assert [row["guidance"]["value"] for row in found["results"]["bindings"]] == rows(run)
    wrapper.setReturnFormat(SPARQLWrapper.XML)
    assert wrapper.query().response.read() == run("query", "-", "--format", "xml", stdin=QUERY).output
    wrapper.setReturnFormat(SPARQLWrapper.CSV)
    assert wrapper.query().response.read() == run("query", "-", "--format", "csv", stdin=QUERY).output
    wrapper.setQuery(CONSTRUCT)
    for form in (SPARQLWrapper.TURTLE, SPARQLWrapper.RDFXML, SPARQLWrapper.JSONLD):
        wrapper.setReturnFormat(form)
        assert len(_graph(wrapper.queryAndConvert())) == len(_timko())
    wrapper.setReturnFormat(SPARQLWrapper.JSON)
    wrapper.setQuery("SELECT * WHERE {")
    with pytest.raises(SPARQLWrapper.SPARQLExceptions.QueryBadFormed, match="not legal SPARQL"):
        wrapper.query()


def _graph(answer: Any) -> Any:
    import rdflib

    return answer if isinstance(answer, rdflib.Graph) else rdflib.Graph().parse(data=answer, format="turtle")


def _timko() -> set[str]:
    quads = export(resources=["doc:timko-2007"])
    return {str(quad.triple) for quad in quads if str(quad.subject) == f"<{ID}doc/timko-2007>"}


def test_rdflib_parses_a_resource(served: Served) -> None:
    import rdflib

    graph = rdflib.Graph().parse(f"{served.url}/id/doc/timko-2007")
    timko = rdflib.URIRef(f"{ID}doc/timko-2007")
    assert len(list(graph.predicate_objects(timko))) == len(_timko())
    for suffix in ("ttl", "nt", "rdf", "jsonld"):
        parsed = rdflib.Graph().parse(f"{served.url}/doc/timko-2007.{suffix}")
        assert len(parsed) == len(graph)


def test_rdflib_sparqlstore(served: Served, run: Run) -> None:
    import rdflib
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    for method in ("GET", "POST_FORM", "POST"):
        store = SPARQLStore(f"{served.url}/sparql", method=method, returnFormat="json")
        graph = rdflib.Graph(store)
        answer: Any = graph.query(QUERY)
        assert [str(row.guidance) for row in answer] == rows(run)
        subjects = graph.subjects(rdflib.RDF.type, rdflib.URIRef("https://w3id.org/evgraph/ns#Guidance"))
        assert sorted(map(str, subjects)) == rows(run)


def test_pandas(served: Served, run: Run) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(f"{served.url}/questions/shared-documents?format=csv")
    lines = run("query", "shared-documents", "--format", "csv").stdout.splitlines()
    assert list(frame.columns) == lines[0].split(",")
    assert len(frame) == len(lines) - 1


def test_a_query_editor(served: Served, run: Run) -> None:
    """YASGUI asks with a form, after a preflight that has no Accept."""
    origin = {"origin": "https://editor.example"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    assert served.get("/sparql", method="OPTIONS", headers=origin | asked).is_success
    accept = "application/sparql-results+json,*/*;q=0.9"
    answer = served.get("/sparql", accept, method="POST", data={"query": QUERY}, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert [row["guidance"]["value"] for row in answer.json()["results"]["bindings"]] == rows(run)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["{}/sparql", "sparql@{}/sparql", "{}/doc/timko-2007"])
def test_comunica(served: Served, run: Run, comunica: str, source: str) -> None:
    """Comunica reads an endpoint that it finds itself, an endpoint that is named, and the document about a resource."""
    query = QUERY
    if source.endswith("timko-2007"):
        query = f"SELECT DISTINCT ?guidance WHERE {{ <{ID}doc/timko-2007> ?p ?guidance FILTER isIRI(?guidance) }}"
    answer = subprocess.run(
        [comunica, source.format(served.url), query, "-t", "application/sparql-results+json"],
        capture_output=True,
        check=True,
    )
    found = [row["guidance"]["value"] for row in json.loads(answer.stdout)["results"]["bindings"]]
    assert sorted(found) == sorted(rows(run, query))
