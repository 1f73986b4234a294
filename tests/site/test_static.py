"""A site without a server: behind Debian's nginx, walked by lychee, and read by a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rdflib
from tests import hosts
from tests.hosts import readable_folder
from tests.required import missing

from evgraph.errors import UnreadableError
from evgraph.query.catalogue import Catalogue
from evgraph.site.in_parallel import in_parallel
from evgraph.site.static_addresses import Address, file_of, read_address, stem_of
from evgraph.site.static_links import StaticLinks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Run
    from tests.site.conftest import Browser
    from tests.web.conftest import Served

HERE = Path(__file__).parent
QUESTIONS = {question.name: question for question in Catalogue() if not question.answered_by_evgraph}
KNOWN = {"", "documents", "search", "doc/timko-2007", "cell/drug-E4", "questions/cell-contents", "questions/see-also"}
LINKS = StaticLinks(KNOWN.__contains__, QUESTIONS, "")
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("address", "stem"),
    [
        ("/documents", "documents"),
        ("/documents?page=2", "documents/page=2"),
        ("/documents?kind=Trial&page=2", "documents/kind=Trial,page=2"),
        ("/documents?kind=Trial&cell=drug-E4", None),
        ("/documents?sort=oldest", None),
        ("/?marker=K", "marker=K"),
        ("/selection.csv?marker=K&matrix=drug", "selection/marker=K,matrix=drug.csv"),
        ("/doc/timko-2007?list=links&page=2", "doc/timko-2007/list=links,page=2"),
        ("/questions/cell-contents?cell=drug:E4", "questions/cell-contents/cell=drug:E4"),
        ("/questions/cell-contents?cell=drug:E4&format=csv", "questions/cell-contents/cell=drug:E4.csv"),
        ("/questions/shared-documents?format=json", "questions/shared-documents.json"),
        ("/questions/cell-contents?cell=../../etc/passwd", "questions/cell-contents/cell=3fe5b8a45dc8"),
        ("/questions/cell-contents?cell=drug:E4&sort=year", None),
        ("/questions/cell-contents?cell=drug:E4&cell=drug:E3", None),
        ("/questions/describe?doi=10.1/x", None),
        ("/questions/nothing?x=1", None),
    ],
)
def test_an_address_with_parameters_has_a_path_of_its_own_or_none(address: str, stem: str | None) -> None:
    path, _, query = address.partition("?")
    assert stem_of(read_address(path, query), QUESTIONS) == stem


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", "index.html"),
        ("doc/timko-2007", "doc/timko-2007.html"),
        ("doc/%3Cb%3E", "doc/<b>.html"),
        ("doc/a%2Fb", None),
        ("doc/../../x", None),
        ("doc/%2e%2e/x", None),
        ("doc//x", None),
        ("doc/a\\b", None),
        ("doc/%00", None),
        (f"doc/{'x' * 300}", None),
    ],
)
def test_a_resource_that_no_file_can_be_named_after_has_none(path: str, name: str | None) -> None:
    assert file_of(path) == name


@pytest.mark.parametrize(
    ("html", "rewritten"),
    [
        ('<a href="/doc/timko-2007#x">a</a>', None),
        ('<a href="https://example.org/?x=1">a</a>', None),
        ('<a href="#here">a</a>', None),
        ('<a href="/search?text=x">a</a>', None),
        ('<a class="b" href="/doc/missing"><bdi>a</bdi></a>', "<bdi>a</bdi>"),
        ('<a href="/documents?sort=oldest">a</a>', "a"),
        ('<a href="/doc/timko-2007?sort=x&amp;y=1#z">a</a>', '<a href="/doc/timko-2007#z">a</a>'),
        ('<a href="/documents?page=2" rel="next">a</a>', '<a href="/documents/page=2" rel="next">a</a>'),
        ('<form role="search" action="/search"><input></form>', None),
        ('<form action="/x" method="post"><button>Do</button></form>\n', ""),
        (
            '<form action="/documents"><label for="k">Kind</label><select id="k" name="kind"><option value="">any'
            '</option><option value="Trial" selected>Trial &amp; more (3)</option></select>'
            '<label>From <input name="from"></label></form>\n',
            '<nav class="choices" aria-label="What can be chosen">\n'
            '<details><summary>Kind <span class="quiet">1</span></summary>\n<ul class="plain">\n'
            '<li><a href="/documents/kind=Trial">Trial &amp; more (3)</a></li>\n</ul></details>\n</nav>\n',
        ),
    ],
)
def test_what_nobody_answers_is_no_link_and_no_form(html: str, rewritten: str | None) -> None:
    assert LINKS.rewritten(html, Address("documents"))[0] == (html if rewritten is None else rewritten)


def test_boxes_become_links_and_many_values_a_sentence() -> None:
    boxes = '<legend>Marker</legend><label><input type="checkbox" name="marker" value="K"> Key</label>'
    html, found = LINKS.rewritten(f'<form action="/">{boxes}</form>', Address(""))
    assert '<a href="/marker=K">Key</a>' in html
    assert found == {Address("", (("marker", "K"),))}
    options = "".join(f'<option value="c{number}"></option>' for number in range(101))
    field = '<label for="f">Cell</label><input list="l" id="f" name="cell">'
    form = f'<form>{field}<datalist id="l">{options}</datalist></form>'
    html, found = LINKS.rewritten(form, Address("questions/cell-contents"))
    assert "Cell: 101 values, too many for a page each." in html
    assert not found


def test_a_site_below_a_path_has_it_before_each_address() -> None:
    links = StaticLinks(KNOWN.__contains__, QUESTIONS, "/evidence")
    html = '<a href="/documents?page=2">a</a><script src="/static/site.js?v=1"></script><a href="//x">b</a>'
    expected = '<a href="/evidence/documents/page=2">a</a><script src="/evidence/static/site.js?v=1"></script>'
    assert links.rewritten(html, Address(""))[0] == f'{expected}<a href="//x">b</a>'


def _double(number: int) -> int:
    if number == 13:
        raise UnreadableError("thirteen")
    if number == 14:
        os._exit(9)
    return 2 * number


@pytest.mark.slow
def test_work_is_shared_and_its_errors_are_raised() -> None:
    assert sorted(in_parallel(_double, range(12), 2)) == [2 * number for number in range(12)]
    with pytest.raises(UnreadableError, match="thirteen"):
        list(in_parallel(_double, [1, 13], 2))
    with pytest.raises(UnreadableError, match="ended unexpectedly"):
        list(in_parallel(_double, [1, 14], 2))


def export(folder: Path, *args: str | Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run ``evgraph export --site``."""
    command = [sys.executable, "-m", "evgraph", "export", "--site", folder, *args]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": seed}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--format", "csv"), "--format is not for --site, which writes every format"),
        (("--tables", "x"), "--tables and --site exclude each other"),
        (("--cell", "E4"), "--cell is not for --site, which is about all the data"),
        (("--base", "example.org"), "--base example.org: expected an address, https://…"),
        (("--base", "https://example.org/?x"), "--base https://example.org/?x: expected an address without ? and #"),
        (("--contact", "me"), "--contact me: expected an address such as mailto:editor@example.org"),
        (("--endpoint", "http://127.0.0.1:9/"), "a site cannot be written from a server"),
    ],
)
def test_what_cannot_be_combined_is_refused(tmp_path: Path, args: tuple[str, ...], message: str) -> None:
    ran = export(tmp_path / "site", *args)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_run_and_nothing_of_others_is_touched(tmp_path: Path) -> None:
    """The graph of the tests for hostile data has names that are no names of files."""
    data = tmp_path / "data.ttl"
    hostile = (HERE / "hostile.ttl").read_text(encoding="utf-8")
    data.write_text(f'{hostile}\n<https://w3id.org/evgraph/id/doc/a%2Fb> rdfs:label "A"@en .\n', encoding="utf-8")
    folder = tmp_path / "site"
    ran = export(folder, "--data", data, "--processes", "1", seed="1")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "no file can be named after 1 resources, such as doc:a%2Fb; they are left out" in ran.stderr
    first = (folder / "SHA256SUMS").read_bytes()
    assert export(folder, "--data", data, "--processes", "2", seed="2").returncode == 0
    assert (folder / "SHA256SUMS").read_bytes() == first
    (folder / "CNAME").write_text("example.org", encoding="utf-8")
    ran = export(folder, "--data", data)
    assert ran.returncode == 3
    assert "has files that evgraph did not write, such as CNAME; nothing was written" in ran.stderr


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Write the site of the shipped graph into a folder that other users may read."""
    memory = Path("/dev/shm")  # noqa: S108 - quicker than a disk
    above = readable_folder(memory if memory.is_dir() else None)
    ran = export(above / "site", "--base", "https://example.org/")
    assert (ran.returncode, ran.stderr) == (0, "")
    yield above / "site"
    shutil.rmtree(above)


@pytest.fixture(scope="session")
def nginx(folder: Path) -> Iterator[str]:
    """Start nginx with the settings that are part of the site, and return its address."""
    with hosts.nginx(folder) as address:
        yield address


@pytest.fixture(scope="session")
def apache(folder: Path) -> Iterator[str]:
    """Start Apache with the settings that are part of the site, and return its address."""
    with hosts.apache(folder) as address:
        yield address


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "accept", "status", "answer"),
    [
        ("/cell/drug-E4", HTML, 200, "text/html; charset=utf-8"),
        ("/cell/drug-E4", "*/*", 200, "text/turtle; charset=utf-8"),
        ("/cell/drug-E4", "application/ld+json, text/html;q=0.2", 200, "application/ld+json"),
        ("/cell/drug-E4", "text/html;q=0.5, text/turtle;q=0.6", 200, "text/turtle; charset=utf-8"),
        ("/cell/drug-E4", "text/turtle;q=0, application/rdf+xml", 200, "application/rdf+xml"),
        ("/cell/drug-E4.trig", HTML, 200, "application/trig"),
        ("/cell/", HTML, 200, "text/html; charset=utf-8"),
        ("/questions", "*/*", 200, "text/html; charset=utf-8"),
        ("/questions/shared-documents.csv", HTML, 200, "text/csv; charset=utf-8"),
        ("/doc/timko-2007.csl.json", HTML, 200, "application/vnd.citationstyles.csl+json"),
        ("/feed", HTML, 200, "application/atom+xml"),
        ("/feed.atom", "*/*", 200, "application/atom+xml"),
        ("/feed/drug", "*/*", 200, "application/atom+xml"),
        ("/feed/cell/drug-E4", "*/*", 200, "application/atom+xml"),
        ("/feed/doc/timko-2007", "text/turtle", 200, "application/atom+xml"),
        ("/.well-known/void", "*/*", 303, "/dataset"),
        ("/dataset", "*/*", 200, "text/turtle; charset=utf-8"),
        ("/id/doc/timko-2007", "text/turtle", 303, "/doc/timko-2007"),
        ("/doc/timko-2070", HTML, 404, "text/html; charset=utf-8"),
        ("/settle", HTML, 404, "text/html; charset=utf-8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("host", "varies"), [("nginx", "Accept, Accept-Encoding"), ("apache", "Accept")])
def test_hosts_negotiate(
    request: pytest.FixtureRequest, host: str, varies: str, path: str, accept: str, status: int, answer: str
) -> None:
    address = request.getfixturevalue(host)
    command = ["curl", "-sS", "-o", os.devnull, "-D", "-", "-H", f"Accept: {accept}", address + path]
    head = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
    assert int(head[0].split()[1]) == status
    assert headers["location" if status == 303 else "content-type"].removeprefix(address) == answer
    assert headers["vary"] == varies
    assert headers["access-control-allow-origin"] == "*"


@pytest.mark.slow
def test_rdflib_reads_a_thing(nginx: str) -> None:
    graph = rdflib.Graph().parse(f"{nginx}/doc/timko-2007")
    thing = rdflib.URIRef("https://w3id.org/evgraph/id/doc/timko-2007")
    assert str(graph.value(thing, rdflib.RDFS.label)) == "Timko & DeBenedetti (2007)"


@pytest.mark.slow
def test_comunica_reads_what_the_shell_reads(nginx: str, run: Run, comunica: str) -> None:
    """It gets three documents about things, and joins them."""
    things = ("doc/timko-2007", "entry/drug-E4/timko-2007", "cell/drug-E4")
    query = """
        SELECT DISTINCT ?entry ?cell ?name WHERE {
          ?entry <https://w3id.org/evgraph/ns#lists> <https://w3id.org/evgraph/id/doc/timko-2007> ;
            <https://w3id.org/evgraph/ns#inCell> ?cell .
          ?cell <http://www.w3.org/2000/01/rdf-schema#label> ?name } ORDER BY ?entry"""
    answers = [
        subprocess.run(
            [comunica, *(f"{nginx}/{thing}" for thing in things), query, "-t", "application/sparql-results+json"],
            capture_output=True,
            check=True,
        ).stdout,
        run("query", "-", "--format", "json", stdin=query).output,
    ]
    read, expected = (json.loads(answer)["results"]["bindings"] for answer in answers)
    assert read == expected
    assert len(read) == 2


def walk(address: str, folder: Path, tmp_path: Path) -> list[str]:
    """Let lychee read every page of a site, and ask for whatever they link to there; return the names of the pages."""
    lychee = Path(sys.executable).with_name("lychee")
    if not lychee.exists():
        missing("lychee", "lychee is not installed")
    pages = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    (tmp_path / "pages").write_text("".join(f"{address}/{page}\n" for page in pages), encoding="utf-8")
    host = address.removesuffix("/sub/path")
    command: list[str | Path] = [
        lychee, "--no-progress", "--exclude", ".", "--include", f"^{host}", "--host-request-interval", "0ms",
        "--host-concurrency", "16", "--header", f"Accept: {HTML}", "--files-from", tmp_path / "pages",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-2000:]
    return pages


@pytest.mark.slow
def test_no_link_is_broken(nginx: str, folder: Path, tmp_path: Path) -> None:
    pages = walk(nginx, folder, tmp_path)
    assert len(pages) > 1000
    with_forms = [page for page in pages if (folder / page).read_text(encoding="utf-8").count("<form") > 1]
    assert with_forms == ["search.html"]


@pytest.mark.slow
def test_no_link_is_broken_below_a_path(tmp_path: Path) -> None:
    """The host has nothing but the site, so a link that leaves the path out is broken."""
    root = readable_folder()
    site = root / "sub" / "path"
    try:
        ran = export(site, "--data", HERE / "hostile.ttl", "--base", "https://example.org/sub/path/")
        assert (ran.returncode, ran.stderr) == (0, "")
        with hosts.nginx(site, root) as address:
            pages = walk(f"{address}/sub/path", site, tmp_path)
    finally:
        shutil.rmtree(root)
    assert len(pages) > 100
    assert (site.name, "index.html" in pages) == ("path", True)


BEHIND = re.compile(rb'<li><a href="/questions/[^"]*">The query behind this page</a></li>\n')


@pytest.mark.slow
def test_what_needs_no_server_has_the_bytes_of_the_server(site: Served, folder: Path) -> None:
    """Pages differ where the server answers a form or a link with parameters, or says that a thing is gone.

    The query behind a page is such a link in the foot of most pages; here it is left out of all.
    """
    kinds: Counter[str] = Counter()
    names = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        kind = f"{name.split('/')[0]}{path.suffix}"
        if (
            path.suffix in {".html", ".ttl", ".jsonld", ".nt", ".rdf", ".nq", ".trig", ".atom"}
            and path.name != "index.html"
        ):
            kinds[kind] += 1
            names += [name] if kinds[kind] <= 2 and "=" not in name else []
    differ = []
    for name in names:
        answer = site.get(f"/{name.removesuffix('.html')}", HTML if name.endswith(".html") else None)
        content = BEHIND.sub(b"", answer.content)
        if content != (folder / name).read_bytes():
            differ.append(name)
    assert len(names) > 200
    assert {"feed.atom", "feed/alcohol.atom"} <= {*names}
    description = site.client.get(f"{site.url}/.well-known/void", follow_redirects=True)
    assert description.content == (folder / ".well-known" / "void").read_bytes()
    assert differ == [
        "404.html", "a-z/a.html", "a-z/b.html", "a-z.html", "cell/alcohol-A1.html", "cell/alcohol-A2.html",
        "data.html", "doc/aa-or-outpatient-costs.html", "doc/blankers-2011.html", "documents.html",
        "files.html", "guidance.html", "links.html", "questions.html", "search.html", "sparql.html",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/a-z/t", "/questions/cell-contents", "/sparql"])
def test_the_site_is_accessible(nginx: str, browser: Browser, path: str) -> None:
    with browser.page(nginx + path) as page:
        assert browser.faults(page) == []


@pytest.mark.slow
def test_search_runs_in_the_browser(nginx: str, folder: Path, browser: Browser) -> None:
    if not (folder / "static" / "search.js").exists():
        missing("editor", "the search is not built: npm --prefix editor run build")
    with browser.page(f"{nginx}/search?text=Tímko") as page:
        page.wait_for_selector("#hits a")
        assert page.get_attribute("#hits a >> nth=0", "href") == "/doc/timko-2007"
        page.fill("#words", "nothing of this kind")
        page.wait_for_function("document.getElementById('count').textContent === '0 hits'")
        assert browser.faults(page) == []
    with browser.page(f"{nginx}/search", java_script_enabled=False) as page:
        assert page.get_attribute("main a >> nth=0", "href") == "/a-z"
        assert not page.is_visible("#words")
