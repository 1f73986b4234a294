"""What a request asks for: the function of a worker that answers it, its arguments, and headers of the answer."""

from __future__ import annotations

import json
import mimetypes
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlencode

from evgraph.formats import FORMATS, ROW_FORMATS, Formats
from evgraph.namespaces import NOT_IN_IRI
from evgraph.site import routes
from evgraph.site.page import POLICY, STATIC, version_of
from evgraph.web import answers, descriptions, resources
from evgraph.web.answers import ROW_NAMES, ROW_TYPES, TRIPLE_TYPES, Wanted
from evgraph.web.forms import body_of, decoded, number, once, pairs_of, values_of
from evgraph.web.negotiation import accepted, header, named
from evgraph.web.problems import HttpError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.requests import Request

_JSON = "application/json"
_HTML = "text/html"
_ROWS = (*ROW_TYPES, _JSON)  # Clients that want SPARQL's JSON may say so.
_TRIPLES = tuple(TRIPLE_TYPES)
_ROWS_OR_PAGE, _TRIPLES_OR_PAGE = (*_ROWS, *_TRIPLES, _HTML), (*_TRIPLES, *_ROWS, _HTML)
_NAMED_ROWS = Formats("rows", [ROW_FORMATS[name] for name in ROW_NAMES])
_STATIC = {
    file.name: (mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes())
    for file in STATIC.iterdir()
}
_SHAPE = ("columns", "no-labels", "with-passages")
_PAGE = ("limit", "offset")
_SAFE = "csv"  # With the value safe, CSV is for spreadsheets.
_GRAPHS = ("default-graph-uri", "named-graph-uri", "using-graph-uri", "using-named-graph-uri")
_IN_PATH = "/?#%[]"  # Characters that stay escaped in an IRI, too.


class Plan(NamedTuple):
    """What a worker does for a request."""

    function: Callable[..., Iterable[Any]]
    arguments: tuple[Any, ...]
    headers: tuple[tuple[str, str], ...] = ()
    media_types: Mapping[str, str] = MappingProxyType(
        {}
    )  # Media type of the format → the one that the client asked for.


class Ready(NamedTuple):
    """An answer that needs no worker."""

    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    is_shared: bool = True  # Whether the pages of other servers may read it.


async def home(request: Request) -> Plan | Ready:
    """Return the home page, or list the addresses."""
    check_get(request)
    if accepted(header(request, "accept"), ("text/plain", _HTML)) == _HTML:
        return _page(request, "")
    return Ready("text/plain", descriptions.HOME.encode())


async def static(request: Request) -> Ready:
    """Return a file of the pages: the style sheet, the script."""
    check_get(request)
    name = request.path_params["name"]
    if name not in _STATIC:
        raise HttpError("there is no such address", status=404)
    kind, body = _STATIC[name]
    is_versioned = request.query_params.get("v") == version_of(name)
    age = "public, max-age=31536000, immutable" if is_versioned else "no-cache"
    return Ready(kind, body, (("Cache-Control", age),))


async def health(request: Request) -> Ready:
    """Say that the front runs."""
    check_get(request)
    return Ready("text/plain", b"ok\n")


async def openapi(request: Request) -> Ready:
    """Return the description of the API."""
    check_get(request)
    return Ready(_JSON, descriptions.openapi())


async def questions(request: Request) -> Plan | Ready:
    """List the questions."""
    check_get(request)
    if accepted(header(request, "accept"), (_JSON, _HTML)) == _HTML:
        return _page(request, "questions")
    return Ready(_JSON, descriptions.questions())


async def question(request: Request) -> Plan:
    """Ask a canned question, or return its query (``NAME.rq``)."""
    check_get(request)
    name = request.path_params["name"]
    pairs = pairs_of(request.scope["query_string"])
    if name.endswith(".rq"):
        return Plan(answers.text_of, (name.removesuffix(".rq"), _Values(values_of(pairs))))
    if accepted(header(request, "accept"), _ROWS_OR_PAGE) == _HTML and not any(key == "format" for key, _ in pairs):
        return _page(request, f"questions/{name}")
    reserved = {*_SHAPE, *_PAGE, "format", _SAFE}
    extra = once([(key, text) for key, text in pairs if key in reserved])
    values = values_of((key, text) for key, text in pairs if key not in reserved)
    page = (number(extra, "offset") or 0, number(extra, "limit"))
    shape = {key: extra[key] for key in _SHAPE if key in extra}
    wanted, media_types = _wanted(request, extra.get("format"), safe=extra.get(_SAFE))
    rows, triples = wanted
    known = answers.catalogue().get(name)
    chosen = triples if known and known.form == "CONSTRUCT" else rows
    headers: tuple[tuple[str, str], ...] = ()
    if chosen and "format" not in extra:
        query = urlencode([*pairs, ("format", chosen)])
        headers = (("Content-Location", f"/questions/{quote(name)}?{query}"),)
    start, count = page
    following = [pair for pair in pairs if pair[0] not in _PAGE]
    link = urlencode([*following, ("limit", str(count)), ("offset", str(start + count))]) if count else ""
    return Plan(answers.ask, (name, _Values(values), wanted, page, _Values(shape), link), headers, media_types)


async def values(request: Request) -> Plan:
    """List the values of a parameter."""
    check_get(request)
    extra = once(pairs_of(request.scope["query_string"]))
    wanted, media_types = _wanted(request, extra.get("format"), safe=extra.get(_SAFE))
    name, parameter = request.path_params["name"], request.path_params["parameter"]
    return Plan(answers.values_of, (name, parameter, wanted), (), media_types)


async def sparql(request: Request) -> Plan | Ready:
    """Answer a query as the SPARQL 1.1 Protocol has it: https://www.w3.org/TR/sparql11-protocol/."""
    pairs = pairs_of(request.scope["query_string"])
    direct: list[str] = []
    if request.method == "POST":
        body = await body_of(request)
        kind = (header(request, "content-type") or "").partition(";")[0].strip().lower()
        if kind == "application/x-www-form-urlencoded":
            pairs += pairs_of(body)
        elif kind == "application/sparql-query":
            direct = [decoded(body)]
        elif kind == "application/sparql-update":
            raise HttpError("this server takes no updates", hint="the graph is read-only: use SELECT or CONSTRUCT")
        else:
            raise HttpError(
                "a POST has a form (application/x-www-form-urlencoded) or a query (application/sparql-query)",
                status=415,
            )
    for name, text in pairs:
        if name in _GRAPHS and text:
            message = f"{name} is not supported: queries here see the union of all graphs"
            raise HttpError(message, hint="leave it out, and use GRAPH in the query")
        if name == "update":
            raise HttpError("this server takes no updates", hint="the graph is read-only: use SELECT or CONSTRUCT")
    is_page = accepted(header(request, "accept"), _TRIPLES_OR_PAGE) == _HTML and not direct
    if is_page and not any(name == "format" for name, _ in pairs):
        return _page(request, "sparql", parameters=pairs)
    queries = direct + [text for name, text in pairs if name == "query"]
    if len(queries) > 1:
        raise HttpError(f"{len(queries)} queries in one request", hint="send one")
    formats = [text for name, text in pairs if name == "format"]
    safe = "safe" if (_SAFE, "safe") in pairs else None
    wanted, media_types = _wanted(request, formats[-1] if formats else None, safe=safe, is_strict=False)
    if queries:
        return Plan(answers.sparql, (queries[0], wanted), (), media_types)
    if request.method == "POST":
        raise HttpError("there is no query", hint="send it as the form field query")
    _, triples = wanted
    if triples is None:
        raise _not_acceptable("the service description", "/sparql", _TRIPLES)
    host = request.headers.get("host", "")
    if not re.fullmatch(r"[\w.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?", host, re.ASCII):
        host = "localhost"
    form = FORMATS[triples]
    return Ready(form.media_type, descriptions.service(f"{request.url.scheme}://{host}/sparql", form))


async def resource(request: Request) -> Plan | Ready:
    """Return the document about a resource, or lead there from the resource itself."""
    check_get(request)
    path = _iri_path(request.scope["raw_path"].decode("ascii", "replace"))
    query = request.scope["query_string"].decode("ascii", "replace")
    suffix = f"?{quote(query, safe='=&%+;/:,@!$()*~.-_')}" if query else ""
    if path.endswith("/"):
        return _redirect(308, f"/{path.rstrip('/')}{suffix}")
    if path == ".well-known/void":  # https://www.w3.org/TR/void/#well-known
        return _redirect(303, f"/dataset{suffix}")
    if path.startswith("id/"):
        return _redirect(303, f"/{path.removeprefix('id/')}{suffix}")
    if routes.is_file(path):
        return _page(request, path)
    if path.removesuffix(".html") in routes.ONLY_PAGES:
        if accepted(header(request, "accept"), (_HTML,)) is None:
            raise _not_acceptable("this page", "", (_HTML,))
        return _page(request, path.removesuffix(".html"))
    if path.endswith(".html"):
        return _page(request, path.removesuffix(".html"), _alternates(path, ".html"))
    kind = FORMATS.by_suffix(path)
    if kind and path.endswith(kind.suffixes[0]):
        return Plan(
            resources.document, (path.removesuffix(kind.suffixes[0]), kind.name), _alternates(path, kind.suffixes[0])
        )
    format_name = next((text for name, text in pairs_of(request.scope["query_string"]) if name == "format"), None)
    if format_name == "html" or (
        format_name is None and accepted(header(request, "accept"), (*_TRIPLES, _HTML)) == _HTML
    ):
        location = ("Content-Location", _escaped(f"/{path}.html"))
        return _page(request, path, (location, *_alternates(path)))
    if format_name is not None:
        names = named(format_name, [FORMATS])
        if not names:
            raise _not_acceptable(
                f"format={format_name}", f"/{path}", tuple(kind.media_type for kind in FORMATS.values())
            )
        name = names[0]
    else:
        media_type = accepted(header(request, "accept"), _TRIPLES)
        if media_type is None:
            raise _not_acceptable("this resource", f"/{path}", _TRIPLES)
        name = TRIPLE_TYPES[media_type]
    location = ("Content-Location", _escaped(f"/{path}{FORMATS[name].suffixes[0]}"))
    return Plan(resources.document, (path, name), (location, *_alternates(path)))


def _page(
    request: Request,
    path: str,
    headers: tuple[tuple[str, str], ...] = (),
    parameters: Iterable[tuple[str, str]] | None = None,
) -> Plan:
    """Plan the page for people at a path, with the parameters of the address unless others are given."""
    values = _Values(values_of(pairs_of(request.scope["query_string"]) if parameters is None else parameters))
    return Plan(resources.page, (path, values), (("Content-Security-Policy", POLICY), *headers))


def _alternates(path: str, own: str = "") -> tuple[tuple[str, str], ...]:
    stem = path.removesuffix(own) if own else path
    links = [
        ("Link", f'<{_escaped(f"/{stem}{kind.suffixes[0]}")}>; rel="alternate"; type="{kind.media_type}"')
        for kind in FORMATS.values()
        if kind.suffixes[0] != own
    ]
    return (*links, ("Link", f'<{_escaped(f"/{stem}")}>; rel="canonical"')) if own else tuple(links)


def _redirect(status: int, location: str) -> Ready:
    return Ready("text/plain", f"{location}\n".encode(), (("Location", _escaped(location)),), status)


def _escaped(path: str) -> str:
    return quote(path, safe="/:@!$&'()*+,;=~-._%?")


def _iri_path(raw: str) -> str:
    """Return the path as the IRI of a resource has it, without the first slash: escapes only where an IRI has them."""

    def unescaped(match: re.Match[str]) -> str:
        try:
            text = unquote_to_bytes(match[0]).decode()
        except UnicodeDecodeError:
            return match[0]
        return "".join(
            quote(character, safe="") if character in _IN_PATH or NOT_IN_IRI.match(character) else character
            for character in text
        )

    path = re.sub(r"(?:%[0-9A-Fa-f]{2})+", unescaped, raw).removeprefix("/")
    steps = path.removesuffix("/").split("/")
    if NOT_IN_IRI.search(path) or any(step in {"", ".", ".."} for step in steps):
        raise HttpError("there is no such address", status=404, hint="/ lists the addresses")
    return path


def _wanted(
    request: Request, format_name: str | None, *, safe: str | None = None, is_strict: bool = True
) -> tuple[Wanted, dict[str, str]]:
    """Return the formats for rows and for triples, and the media types that differ from theirs.

    Args:
        request: with the header ``Accept``.
        format_name: the value of ``format``, which goes before it.
        safe: the value of ``csv``; ``safe`` for CSV in which spreadsheets run no formulas.
        is_strict: whether an unknown `format_name` is an error.

    """
    (rows, triples), media_types = _chosen(request, format_name, is_strict=is_strict)
    if safe not in {None, "safe"}:
        raise HttpError(f"csv={safe}: expected safe", hint="leave it out, or give csv=safe")
    return ("spreadsheet" if safe and rows == "csv" else rows, triples), media_types


def _chosen(request: Request, format_name: str | None, *, is_strict: bool) -> tuple[Wanted, dict[str, str]]:
    if format_name is not None:
        names = named(format_name, [_NAMED_ROWS, FORMATS])
        rows = next((name for name in names if name in ROW_NAMES), None)
        triples = next((name for name in names if name in FORMATS), None)
        if rows or triples:
            return (rows, triples), {}
        if is_strict:
            raise _not_acceptable(
                f"format={format_name}", "", (*ROW_TYPES, *(kind.media_type for kind in FORMATS.values()))
            )
    accept = header(request, "accept")
    rows_type, triples_type = accepted(accept, _ROWS), accepted(accept, _TRIPLES)
    standard = ROW_FORMATS["json"].media_type
    rows = ROW_TYPES.get(standard if rows_type == _JSON else rows_type or "")
    return (rows, TRIPLE_TYPES.get(triples_type or "")), {standard: _JSON} if rows_type == _JSON else {}


def _not_acceptable(what: str, path: str, types: Sequence[str]) -> HttpError:
    suffixes = {kind.media_type: kind.suffixes[0] for kind in FORMATS.values()}
    links = {
        _escaped(f"{path}{suffixes[media_type]}"): media_type for media_type in types if path and path != "/sparql"
    }
    message = f"{what} is not to be had in a type that you accept"
    return HttpError(message, status=406, hint=f"choose one of {', '.join(types)}", links=links)


class _Values(dict[str, Any]):
    """Values of parameters that can be part of a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(json.dumps(self, sort_keys=True))

    def __reduce__(self) -> tuple[object, ...]:
        """Reach a worker as a dict, so that it need not import this module."""
        return dict, (dict(self),)


def check_get(request: Request) -> None:
    """Refuse a POST."""
    if request.method == "POST":
        raise HttpError("use GET here", status=405)
