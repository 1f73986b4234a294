"""A site without a server: every page and every RDF file that needs none, as files.

The page at `/cell/drug-E4` is in ``cell/drug-E4.html``, its data in ``cell/drug-E4.ttl`` and so on, at the addresses of
the server. Most hosts of files give ``X.html`` for `/X`; `evgraph.site.hosts` has the settings of some.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Quad

from evgraph.namespaces import EVG, ID, curie
from evgraph.query import runner
from evgraph.query.added_columns import complete
from evgraph.query.catalogue import Catalogue
from evgraph.render.rows import yes_or_no
from evgraph.site import citing, hosts, resource, routes
from evgraph.site.addresses import address_of, iri_of
from evgraph.site.home import warm
from evgraph.site.in_parallel import in_parallel
from evgraph.site.letters import letter_page, letters, search_index
from evgraph.site.page import STATIC, Page, Site, compile_templates, render
from evgraph.site.static_addresses import (
    RDF_SUFFIXES,
    ROW_KINDS,
    SUFFIXES,
    Address,
    feed_of,
    file_of,
    stem_of,
)
from evgraph.site.static_links import StaticLinks
from evgraph.store.protocol import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evgraph.terms import Term

File: TypeAlias = "tuple[str, bytes]"
_PAGES = ("", *sorted(routes.ONLY_PAGES), "questions", "sparql")
_LETTERS = "a-z"
WELL_KNOWN = ".well-known/void"
"""The file with the description of the dataset, in Turtle: https://www.w3.org/TR/void/#well-known"""
_LONGEST_SUFFIX = ".jsonld"
_SOURCES = ("editor.js", "editor.licences.txt")  # Static files that only the server needs.


class _Done(NamedTuple):
    """What one task gives: files, and addresses with parameters that its page links to."""

    files: list[File]
    found: set[Address]


def static_site(site: Site, base: str, processes: int, notes: list[str]) -> Iterator[File]:
    """Yield the files of a site: name and content, in any order.

    Args:
        site: has the option ``is_static``.
        base: the address at which the site will be, with a slash at its end; empty for the root of any host. Without
            it there is no list of pages for search engines.
        processes: so many work at the same time.
        notes: gets a note on resources that no file can be named after.

    Raises:
        UnreadableError: the pages are missing.

    """
    walk = _Walk(site, base, notes)
    names: list[str] = []
    for name, content in walk.files(processes):
        names.append(name)
        yield name, content
    stems = sorted(name.removesuffix(".html") for name in names if name.endswith(".html"))
    yield from walk.listings(names, processes)
    yield from hosts.files(base, [stem for stem in stems if stem != "404"])


class _Walk:
    def __init__(self, site: Site, base: str, notes: list[str]) -> None:
        self._site = site
        self._questions = {question.name: question for question in Catalogue() if not question.answered_by_evgraph}
        compile_templates()
        warm(site)
        self._things: dict[str, str] = {}  # Path of a resource, unescaped → as in its IRI.
        self._stems = {*_PAGES, *(f"questions/{name}" for name in self._questions)}
        self._stems |= {_LETTERS, "files", *(f"{_LETTERS}/{letter}" for letter in letters(site))}
        left_out = self._read_things()
        if left_out:
            examples = ", ".join(curie(iri_of(path)) for path in sorted(left_out)[:3])
            notes.append(f"no file can be named after {len(left_out)} resources, such as {examples}; they are left out")
        self._links = StaticLinks(self._is_known, self._questions, urlsplit(base).path.rstrip("/"))

    def _read_things(self) -> list[str]:
        paths = set()
        for quad in self._site.store.matches():
            for term in (quad.subject, quad.object):
                if isinstance(term, NamedNode) and term.value.startswith((ID, EVG)):
                    paths.add((address_of(term.value) or "/")[1:])
        paths |= {"ns", "dataset"}
        left_out = []
        names = {WELL_KNOWN}
        folders: set[str] = set()
        for path in sorted(paths):
            stem = file_of(path, "") if path else None
            own = {f"{stem}{suffix}" for suffix in (".html", *RDF_SUFFIXES)}
            above = {(stem or "")[:place] for place, sign in enumerate(stem or "") if sign == "/"}
            is_taken = stem == "index" or bool(above & names or own & folders)
            if stem is None or file_of(path, _LONGEST_SUFFIX) is None or is_taken:
                left_out.append(path)
                continue
            if stem in self._stems:  # A page has this address on the server, too.
                continue
            names |= own
            folders |= above
            self._things[stem] = path
        return left_out

    def _is_known(self, path: str) -> bool:
        if path in self._stems or path in self._things or path in routes.DOWNLOADS:
            return True
        if path.endswith(".rq"):
            return path.removesuffix(".rq") in self._stems
        stem, dot, suffix = path.rpartition(".")
        return stem in self._things and (f"{dot}{suffix}" in RDF_SUFFIXES or suffix == "html")

    def files(self, processes: int) -> Iterator[File]:
        """Yield the pages and what they link to."""
        for path in sorted(STATIC.iterdir()):
            if path.name not in _SOURCES:
                yield f"static/{path.name}", path.read_bytes()
        for name, question in self._questions.items():
            yield f"questions/{name}.rq", question.text.encode()
        yield "search-index.json", search_index(self._site)
        tasks: list[Address] = [Address("links")]  # It takes longest.
        tasks += [Address(path) for path in (*sorted(self._stems), *sorted(routes.DOWNLOADS)) if path != "links"]
        tasks += [Address(path) for path in self._things]
        written = set(tasks)
        while tasks:
            found: set[Address] = set()
            for done in in_parallel(self._done, tasks, processes):
                found |= done.found
                yield from done.files
            tasks = sorted(found - written)
            written.update(tasks)
        problem = "there is no such page; the list by letter has what there is"
        page = render(
            "problem", None, address="/404", status=404, name="not found", title="Not found", detail=problem, hint="",
            links={"/": "the map", "/a-z": "A to Z"}, wait="",
        )  # fmt: skip
        yield "404.html", self._links.rewritten(page, Address("404"))[0].encode()

    def _done(self, address: Address) -> _Done:
        stem = stem_of(address, self._questions)
        if stem is None:
            raise ValueError(address)
        files: list[File] = []
        if feed_of(address.path):
            return _Done([(stem, self._feed(address.path))], set())
        if address.path in self._things and not address.pairs:
            path = self._things[address.path]
            iri = iri_of(path)
            quads = resource.statements(self._site.store, iri, self._site.origin)
            others = resource.replacing(iri, quads)
            if others:
                return self._replaced(address.path, others)
            if quads:
                files = [(f"{stem}{kind.suffixes[0]}", content) for kind, content in resource.in_each_format(quads)]
            if address.path == "dataset":
                files += [(WELL_KNOWN, content) for name, content in files if name == "dataset.ttl"]
            if citing.is_file(f"{address.path}.ris"):
                texts = citing.citation_files(self._site, iri)
                files += [(f"{stem}.{suffix}", text.encode()) for suffix, text in texts.items()]
        page = self._page(address)
        if page is None:
            return _Done(files, set())
        if page.media_type != "text/html":
            return _Done([(stem, page.html.encode())], set())
        html, found = self._links.rewritten(page.html, address)
        pages = {link: link.without("format") for link in found}
        files += self._answers(address, [link for link, page_of_it in pages.items() if address == page_of_it != link])
        return _Done([*files, (f"{stem or 'index'}.html", html.encode())], {*pages.values()})

    def _page(self, address: Address) -> Page | None:
        if address.path == "files":
            return None  # Written when all files are known.
        if address.path == _LETTERS or address.path.startswith(f"{_LETTERS}/"):
            return letter_page(self._site, address.path.removeprefix(_LETTERS).removeprefix("/"))
        return routes.page(self._site, self._things.get(address.path, address.path), address.parameters)

    def _feed(self, path: str) -> bytes:
        about = self._things.get(feed_of(path), "").removeprefix("matrix/")
        page = routes.page(self._site, f"feed/{about}" if about else "feed", {})
        return self._links.prefixed(page.html).encode() if page else b""

    def _replaced(self, stem: str, others: Iterable[str]) -> _Done:
        labels = {other: self._site.reader.label(other) for other in others}
        page = render(
            "problem", None, address=f"/{stem}", status=410, name="gone", title="Gone", hint="", wait="",
            detail=f"{curie(iri_of(self._things[stem]))} is replaced by {', '.join(labels.values())}",
            links={address_of(other): label for other, label in labels.items() if address_of(other)},
        )  # fmt: skip
        html, found = self._links.rewritten(page, Address(stem))
        return _Done([(f"{stem}.html", html.encode())], found)

    def _answers(self, address: Address, formats: Sequence[Address]) -> Iterator[File]:
        """Yield all rows of a question in some formats, as the server writes them; its page has the same address."""
        if not formats:
            return
        question = self._questions[address.path.removeprefix("questions/")]
        store = self._site.store
        answer, _ = runner.ask(store, question, address.parameters, None)
        triples: set[Quad] = set()
        columns: Sequence[str] = ()
        listed: list[tuple[Term | None, ...]] = []
        if isinstance(answer, Rows):
            columns, rows = complete(store, question, answer, labels=True, passages=None, locations=False, columns=())
            listed = list(rows)
        elif not isinstance(answer, bool):
            triples = {Quad(*triple) for triple in answer.triples}
        for download in sorted(formats):
            (name,) = download.parameters["format"]
            written: Iterable[str | bytes]
            if isinstance(answer, bool):
                written = [yes_or_no(answer, name)]
            elif isinstance(answer, Rows):
                written = ROW_KINDS[name].write(Rows(columns, iter(listed)))
            else:
                written = RDF_SUFFIXES[SUFFIXES[name]].write(triples)
            yield stem_of(download, self._questions) or "", b"".join(_encoded(written))

    def listings(self, names: Sequence[str], processes: int) -> Iterator[File]:
        """Yield a list of the files of each folder, for hosts that cannot negotiate."""
        folders: dict[str, dict[str, list[str]]] = {"": {}}
        counts: dict[str, dict[str, int]] = {"": {}}
        for name in sorted(names):
            folder, _, file = name.rpartition("/")
            stem, dot, suffix = file.rpartition(".")
            folders.setdefault(folder, {}).setdefault(stem, []).append(f"{dot}{suffix}")
            while folder:
                above, _, own = folder.rpartition("/")
                counts.setdefault(above, {})[own] = counts.get(above, {}).get(own, 0) + 1
                folder = above

        def listing(folder: str) -> File:
            page = self._site.page(
                "files",
                title=f"Files of {folder}/" if folder else "Files",
                address=f"/{folder}/" if folder else "/files",
                folder=f"/{folder}/" if folder else "/",
                folders=sorted(counts.get(folder, {}).items()),
                stems=sorted(folders.get(folder, {}).items()),
            )
            return f"{folder}/index.html" if folder else "files.html", self._links.prefixed(page.html).encode()

        yield from in_parallel(listing, sorted({*folders, *counts}), processes)


def _encoded(chunks: Iterable[str | bytes]) -> Iterator[bytes]:
    return (chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks)
