"""A page: what every page has, and the template that writes it."""

from __future__ import annotations

from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evgraph.export.describe import DATASET
from evgraph.formats import FORMATS
from evgraph.namespaces import ID, MATRICES, curie
from evgraph.query.passages import Passages
from evgraph.site.addresses import anchor, href, square_name
from evgraph.site.contact import comment_address
from evgraph.site.reader import Reader
from evgraph.store.opening import SHIPPED, Origin
from evgraph.text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Template

    from evgraph.store.embedded import OxigraphStore

Parameters: TypeAlias = "Mapping[str, tuple[str, ...]]"
"""The parameters of an address, as typed; those without a value are left out."""

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
"""The folder of the style sheet and the script."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: https://www.w3.org/TR/CSP3/."""

SECTIONS = {
    "/matrix/alcohol": "Alcohol Matrix",
    "/matrix/drug": "Drug Matrix",
    "/documents": "Documents",
    "/guidance": "Guidance",
    "/topics": "Topics",
    "/questions": "Questions",
    "/sparql": "SPARQL",
    "/links": "Links",
    "/data": "Data",
    "/about": "About",
}
"""Address → name of what the header of each page links."""

_FORMAT_NAMES = {
    ".ttl": "Turtle", ".jsonld": "JSON-LD", ".nt": "N-Triples", ".rdf": "RDF/XML", ".nq": "N-Quads", ".trig": "TriG"
}  # fmt: skip


class Options(NamedTuple):
    """What the operator of a site chooses."""

    pages: str | None = None  # A folder of source pages, whose passages may then be quoted.
    contact: str | None = None  # The address for comments, such as mailto:… or https://….
    edit: str | None = None  # The folder of a graph whose references may be settled on the page.
    earlier: str | None = None  # An earlier version of the graph, a file or a folder: what changed is seen from it.
    is_static: bool = False  # Whether the pages are files, and nobody answers a form.


class Crumb(NamedTuple):
    """A step of the trail above a page."""

    name: str
    address: str


class Page(NamedTuple):
    """A page as it is sent.

    Attributes:
        html: the whole page.
        headers: of HTTP, beside those that every page has.
        status: of HTTP: 400 where a parameter is wrong, and the page says which.
        media_type: of what is no page, but a file to download.

    """

    html: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    media_type: str = "text/html"


class Site:
    """What views read: the graph, the texts of the pages, the choices of the operator.

    Args:
        store: the graph.
        options: see `Options`.
        origin: where the graph is.

    """

    def __init__(self, store: OxigraphStore, options: Options, origin: Origin = SHIPPED) -> None:
        self.store, self.options, self.origin = store, options, origin
        self.reader = Reader(store)

    @cached_property
    def passages(self) -> Passages:
        """The passages, with their texts where the operator has given the pages."""
        return Passages(self.store, Path(self.options.pages) if self.options.pages else None)

    @cached_property
    def dates(self) -> dict[str, str]:
        """Matrix → the date of the newest version of its pages in the graph, in ISO 8601."""
        rows = self.reader.rows("SELECT ?snapshot ?date WHERE { ?snapshot a evg:CellSnapshot ; dcterms:date ?date }")
        return {
            matrix: max((date for snapshot, date in rows if snapshot.startswith(f"{ID}snapshot/{matrix}-")), default="")
            for matrix in MATRICES
        }

    @cached_property
    def release(self) -> str:
        """The version of the data; empty where the graph does not say."""
        return self.reader.value(DATASET, "dcat:version")

    @cached_property
    def newest(self) -> str:
        """The date of the newest version of a page, in ISO 8601; empty where none has a date."""
        return max(self.dates.values())

    def page(
        self,
        template: str,
        *,
        title: str,
        address: str,
        trail: Sequence[Crumb] = (),
        formats: Sequence[str] = (),
        thing: str = "",
        version: str = "",
        behind: str = "",
        **content: object,
    ) -> Page:
        """Write a page.

        Args:
            template: the name of a file in ``templates``, without ``.html.j2``.
            title: the heading.
            address: the path of the page, with the parameters that choose what it shows.
            trail: the pages above this one, from the top down.
            formats: the suffixes under which the same content is there for programs, such as ``.ttl``.
            thing: the IRI of the thing that the page is about.
            version: of the source page, for comments.
            behind: the question, with its parameters, that has what the page shows.
            content: what the template shows.

        """
        contact = self.options.contact
        comment = comment_address(contact, title, address, thing, version) if contact else ""
        path = href(thing).removeprefix("/").removeprefix("matrix/") if thing else ""
        feed = f"/feed/{path}.atom" if path else "/feed.atom"
        frame: dict[str, object] = {
            "title": title, "trail": trail, "formats": formats, "comment": comment, "feed": feed,
            "changes": f"/changes?{urlencode({'about': path})}" if path else "/changes",
            "behind": _behind(content.get("iri"), behind),
        }  # fmt: skip
        return Page(render(template, self, address=address, **frame | content))


def _behind(iri: object, query: str) -> str:
    """Return the address of the question that has what a page shows: ``describe`` for one about a thing."""
    if not query and isinstance(iri, str) and href(iri):
        query = f"describe?{urlencode({'iri': curie(iri)})}"
    return f"/questions/{query}" if query else ""


def render(template: str, site: Site | None, *, address: str, **content: object) -> str:
    """Return what a template writes; see `Site.page`. Without a site it needs no graph."""
    frame: dict[str, object] = {"trail": (), "formats": (), "comment": "", "behind": ""}
    return _template(template).render(**frame | content, site=site, address=address)


def fragment(template: str, **content: object) -> str:
    """Return what a template of a part of a page writes."""
    return _template(template).render(**content)


@cache
def version_of(name: str) -> str:
    """Return a short hash of a static file, so that a new version has a new address."""
    return blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()


def compile_templates() -> None:
    """Compile every template, which takes long, before the first page is asked for."""
    for name in _environment().list_templates():
        _environment().get_template(name)


def _navigation(address: str) -> Markup:
    """Return the links to the sections, with that of an address marked."""
    current = next((path for path in SECTIONS if address == path or address.startswith((f"{path}/", f"{path}?"))), "")
    return _menu(current, address == current)


@cache
def _menu(current: str, is_page: bool) -> Markup:
    return Markup(fragment("navigation", sections=SECTIONS, current=current, is_page=is_page))  # noqa: S704 - escaped


def _static(name: str) -> str:
    return f"/static/{name}?v={version_of(name)}"


def _day(text: str) -> str:
    """Return a date for people: 30 November 2026; a year as it is."""
    import calendar

    year, *rest = text.split("-")
    if len(rest) == 2 and all(part.isdecimal() for part in rest) and 1 <= int(rest[0]) <= 12:
        return f"{int(rest[1])} {calendar.month_name[int(rest[0])]} {year}"
    return text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(
        href=href, anchor=anchor, curie=curie, counted=plural, day=_day, square=square_name, thousands="{:,}".format
    )
    environment.globals.update(
        static=_static,
        navigation=_navigation,
        format_names=_FORMAT_NAMES,
        media_types={suffix: kind.media_type for suffix, kind in FORMATS.suffixes.items()},
    )
    environment.tests["number_key"] = str.isdecimal
    environment.globals["show"] = environment.get_template("macros.html.j2").module
    return environment


@cache
def _template(name: str) -> Template:
    return _environment().get_template(f"{name}.html.j2")
