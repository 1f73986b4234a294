"""The redirects of ``w3id/.htaccess``, in Debian's Apache; they lead to a running ``evgraph serve``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import httpx
import pytest
import rdflib
from tests import hosts
from tests.hosts import readable_folder

from docs import w3id
from evgraph.formats import FORMATS
from evgraph.web.negotiation import accepted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.conftest import Served

OFFERS = ("text/html", *(kind.media_type for kind in FORMATS.values()))
SUFFIXES = {"text/html": ".html"} | {kind.media_type: kind.suffixes[0] for kind in FORMATS.values()}
RDFLIB = (
    "text/turtle, application/rdf+xml, text/n3;q=0.9, application/trig, application/n-quads, application/n-triples,"
    " application/ld+json"
)
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/html;q=0.2"
)


def test_the_file_is_generated_from_the_table_of_formats() -> None:
    assert w3id.FILE.read_text(encoding="utf-8") == w3id.rules(), "python -m docs.w3id writes it"


@pytest.fixture(scope="module")
def apache(served: Served) -> Iterator[str]:
    """Start Apache with the folder as ``/evgraph/``, and return the address of this."""
    folder = readable_folder()
    rules = folder / "evgraph" / ".htaccess"
    rules.parent.mkdir()
    rules.write_text(w3id.rules().replace(w3id.BASE, served.url), encoding="utf-8")
    with hosts.apache(folder) as address:
        yield f"{address}/evgraph/"
    shutil.rmtree(folder)


def redirect(address: str, accept: str | None) -> httpx.Response:
    """Return the answer of Apache."""
    with httpx.Client(timeout=30) as client:
        if accept is None:
            del client.headers["accept"]
        return client.get(address, headers={} if accept is None else {"accept": accept})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "accept", "status", "to"),
    [
        ("", None, 302, "/"),
        ("ns", "text/turtle", 302, "/ns.ttl"),
        ("ns", CHROMIUM, 302, "/ns.html"),
        ("ns/0.1.0", "application/rdf+xml", 302, "/ns/0.1.0.rdf"),
        ("id/doc/timko-2007", None, 303, "/doc/timko-2007"),
        ("id/doc/timko-2007", "*/*", 303, "/doc/timko-2007"),
        ("id/doc/timko-2007", CHROMIUM, 303, "/doc/timko-2007.html"),
        ("id/entry/drug-E4/timko-2007", "application/ld+json", 303, "/entry/drug-E4/timko-2007.jsonld"),
        ("id/doc/timko-2007.nt", "text/turtle", 303, "/doc/timko-2007.nt"),
        ("id/dataset", "application/n-triples", 303, "/dataset.nt"),
        ("id/dataset/class/evg:Entry?x=1", "text/turtle", 303, "/dataset/class/evg:Entry.ttl?x=1"),
        ("id/doc/%3Cscript%3E", "text/turtle", 303, "/doc/%3cscript%3e.ttl"),
        ("dumps/0.1.0/evgraph", None, 302, "/dumps/0.1.0/evgraph.ttl"),
        ("dumps/0.1.0/evgraph", "application/n-quads", 302, "/dumps/0.1.0/evgraph.nq"),
        ("dumps/0.1.0/evgraph", CHROMIUM, 302, "/dumps/0.1.0/"),
        ("dumps/0.1.0/cells/drug-E4", "application/trig", 302, "/dumps/0.1.0/cells/drug-E4.trig"),
        ("dumps/0.1.0/cells/drug-E4.ttl.gz", "text/html", 302, "/dumps/0.1.0/cells/drug-E4.ttl.gz"),
        ("dumps/", None, 302, "/dumps/"),
    ],
)  # fmt: skip
def test_redirects(apache: str, served: Served, path: str, accept: str | None, status: int, to: str) -> None:
    answer = redirect(apache + path, accept)
    assert answer.status_code == status
    assert answer.headers["location"] == served.url + to
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.slow
def test_other_paths_are_not_redirected(apache: str) -> None:
    assert redirect(f"{apache}other", "text/turtle").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    "accept",
    [
        *OFFERS,
        RDFLIB.replace("text/turtle", "text/n3;q=0.4, text/turtle"),
        CHROMIUM,
        COMUNICA,
        "TEXT/Turtle ; charset=utf-8",
        "text/turtle;q=1.0, text/html;q=0.9",
        "text/html;q=0.5, text/turtle",
        "text/html;q=0.5, text/turtle;q=0.6",
        "text/html;q=0, application/n-triples;q=0.1",
        "text/turtle;q=0.0, application/trig",
        "application/json, application/ld+json;q=0.3",
        "application/ld+json;profile=\"http://www.w3.org/ns/json-ld#compacted\"",
    ],
)  # fmt: skip
def test_accept_is_understood_as_the_server_does(apache: str, served: Served, accept: str) -> None:
    expected = accepted(accept, OFFERS)
    assert expected is not None
    location = redirect(f"{apache}id/doc/timko-2007", accept).headers["location"]
    assert location == f"{served.url}/doc/timko-2007{SUFFIXES[expected]}"


@pytest.mark.slow
def test_identifiers_lead_to_data(apache: str, served: Served) -> None:
    for path, accept in (("id/doc/timko-2007", "text/turtle"), ("ns", "application/rdf+xml")):
        answer = httpx.get(apache + path, headers={"accept": accept}, follow_redirects=True, timeout=60)
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, accept)
    graph = rdflib.Graph().parse(f"{apache}id/doc/timko-2007")
    thing = rdflib.URIRef("https://w3id.org/evgraph/id/doc/timko-2007")
    assert str(graph.value(thing, rdflib.RDFS.label)) == "Timko & DeBenedetti (2007)"
    assert served.get("/doc/timko-2007").status_code == 200
