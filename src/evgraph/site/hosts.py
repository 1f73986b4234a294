"""What hosts of files need beside the pages: settings of some of them, and lists of pages for search engines.

Apache: https://httpd.apache.org/docs/2.4/mod/mod_rewrite.html · nginx:
https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files · Netlify and Cloudflare Pages: ``_headers`` and
``_redirects``, https://docs.netlify.com/manage/routing/headers/ · https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from evgraph.formats import CITATION_FORMATS, FORMATS
from evgraph.namespaces import CC0
from evgraph.site.page import POLICY
from evgraph.site.static_addresses import address_of_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".svg": "image/svg+xml", ".txt": "text/plain", ".xml": "application/xml", ".csv": "text/csv",
    ".tsv": "text/tab-separated-values", ".atom": "application/atom+xml",
    ".ris": "application/x-research-info-systems", ".bib": "application/x-bibtex", ".rq": "application/sparql-query",
} | {kind.suffixes[0]: kind.media_type for kind in FORMATS.values()}  # fmt: skip
_CSL = CITATION_FORMATS["csl"].media_type  # Of files that end in .csl.json.
_TEXTS = {"application/javascript", "application/sparql-query"}
_NEGOTIATED = [kind for kind in FORMATS.values() if not kind.quads or kind.name == "jsonld"]
_OTHER = r"(?:\s*;(?!\s*q\s*=)[^,;]*)*\s*"
FULL = rf"{_OTHER}(?:,|$|;\s*q=1)"
"""What follows a type in ``Accept`` that is accepted fully; parameters other than q do not count."""
SOME = rf"{_OTHER};\s*q=(?!0(?:\.0*)?\s*(?:,|;|$))"
"""What follows a type that is accepted with less."""
_MOST_IN_SITEMAP = 50_000  # Addresses, by the protocol.
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}


def files(base: str, stems: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files for hosts: name and content.

    Args:
        base: the address of the site, with a slash at its end, or an empty text.
        stems: of the pages: their paths without ``.html``.

    """
    prefix = urlsplit(base).path.rstrip("/")
    yield ".nojekyll", b""  # Else GitHub Pages leaves out files that begin with an underscore.
    yield "_headers", _headers(prefix).encode()
    redirects = f"{prefix}/id/* {prefix}/:splat 303\n{prefix}/.well-known/void {prefix}/dataset 303\n"
    yield "_redirects", f"{redirects}{prefix}/feed {prefix}/feed.atom 200\n".encode()
    yield ".htaccess", _htaccess(prefix).encode()
    yield "nginx.conf.txt", _nginx(prefix).encode()
    addresses = [f"{base.rstrip('/')}{_address(stem)}" for stem in stems]
    parts = [addresses[start : start + _MOST_IN_SITEMAP] for start in range(0, len(addresses), _MOST_IN_SITEMAP)]
    robots = "User-agent: *\nAllow: /\n"
    if base:
        for number, part in enumerate(parts, 1):
            name = "sitemap.xml" if len(parts) == 1 else f"sitemap-{number}.xml"
            yield name, _sitemap("urlset", "url", part)
        if len(parts) > 1:
            indexed = [f"{base}sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
            yield "sitemap.xml", _sitemap("sitemapindex", "sitemap", indexed)
        robots += f"Sitemap: {base}sitemap.xml\n"
    yield "robots.txt", robots.encode()


def _address(stem: str) -> str:
    """Return the address of a page, without the suffix of its file."""
    return address_of_file(stem.removesuffix("index") if stem == "index" or stem.endswith("/index") else stem)


def _sitemap(root: str, item: str, addresses: Sequence[str]) -> bytes:
    items = "".join(f"<{item}><loc>{escape(address)}</loc></{item}>\n" for address in addresses)
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{namespace}">\n{items}</{root}>\n'.encode()


def _typed(media_type: str) -> str:
    is_text = media_type.startswith("text/") or media_type in _TEXTS
    return f"{media_type}; charset=utf-8" if is_text else media_type


def _about_data(prefix: str) -> str:
    return f'<{prefix}/dataset>; rel="describedby", <{CC0}>; rel="license"'


def _headers(prefix: str) -> str:
    lines = [f"{prefix}/*", *(f"  {name}: {value}" for name, value in _HEADERS.items())]
    lines += [f"  Content-Security-Policy: {POLICY}", f"  Link: {_about_data(prefix)}"]
    # Where two patterns fit, a host may send both types; every host knows the types of pages and JSON itself.
    types = {suffix: name for suffix, name in _TYPES.items() if suffix not in {".html", ".json"}} | {".csl.json": _CSL}
    for suffix, media_type in types.items():
        lines += [f"{prefix}/*{suffix}", f"  Content-Type: {_typed(media_type)}"]
    return "\n".join([*lines, f"{prefix}/.well-known/void", f"  Content-Type: {_typed('text/turtle')}", ""])


def _accepted() -> Iterator[tuple[str, str]]:
    """Yield regular expressions for ``Accept``, the first that matches counts, with the suffixes that they choose."""
    data = [(kind.media_type, kind.suffixes[0]) for kind in _NEGOTIATED]
    page = ("text/html", ".html")
    for pattern, types in ((FULL, [*data, page]), (SOME, [*data, page])):
        for media_type, suffix in types:
            yield rf"(?:^|,)\s*{re.escape(media_type)}{pattern}", suffix


def _htaccess(prefix: str) -> str:
    lines = [
        "# For Apache, with AllowOverride All. The page or the data at one address, by Accept; Turtle by default.",
        "Options -MultiViews",
        "DirectorySlash Off",
        "DirectoryIndex index.html",
        f"ErrorDocument 404 {prefix}/404.html",
        *(f"AddType {media_type} {suffix}" for suffix, media_type in _TYPES.items()),
        f"AddCharset utf-8 {' '.join(suffix for suffix, name in _TYPES.items() if _typed(name) != name)}",
        f'<FilesMatch "\\.csl\\.json$">\nForceType {_CSL}\n</FilesMatch>',
        "<IfModule mod_headers.c>",
        *(f'Header always set {name} "{value}"' for name, value in _HEADERS.items()),
        'Header always merge Vary "Accept"',
        f"Header set Link {_quoted(_about_data(prefix))}",
        f'Header set Content-Security-Policy "{POLICY}" "expr=%{{CONTENT_TYPE}} =~ m#^text/html#"',
        "</IfModule>",
        "RewriteEngine on",
        f"RewriteBase {prefix}/",
        "RewriteRule ^id/(.+)$ $1 [R=303,L]",
        r"RewriteRule ^\.well-known/void$ dataset [R=303,L]",
        "RewriteCond %{REQUEST_FILENAME} -f",
        "RewriteRule ^ - [END]",
        "RewriteRule ^(.*/)?$ $1index.html [END]",
    ]
    for pattern, suffix in _accepted():
        lines += [
            "RewriteCond %{ENV:SUFFIX} ^$",
            f'RewriteCond %{{HTTP_ACCEPT}} "{pattern}" [NC]',
            f"RewriteRule ^ - [E=SUFFIX:{suffix}]",
        ]
    lines += [
        "RewriteCond %{ENV:SUFFIX} ^$",
        "RewriteRule ^ - [E=SUFFIX:.ttl]",
        "RewriteCond %{REQUEST_FILENAME}%{ENV:SUFFIX} -f",
        "RewriteRule ^(.+)$ $1%{ENV:SUFFIX} [END]",
        "RewriteCond %{REQUEST_FILENAME}.html -f",
        "RewriteRule ^(.+)$ $1.html [END]",
        "RewriteCond %{REQUEST_FILENAME}.atom -f",
        "RewriteRule ^(.+)$ $1.atom [END]",
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _nginx(prefix: str) -> str:
    folder = "the folder that holds this one" if prefix else "this folder"
    chosen = "".join(f'    "~*{pattern}" {suffix};\n' for pattern, suffix in _accepted())
    types = "".join(f"        {media_type} {suffix[1:]};\n" for suffix, media_type in _TYPES.items())
    headers = "".join(f'    add_header {name} "{value}" always;\n' for name, value in _HEADERS.items())
    texts = " ".join(
        sorted(
            {media_type for media_type in _TYPES.values() if media_type.startswith("text/")} - {"text/html"} | _TEXTS
        )
    )
    return f"""\
# For nginx: a file for its folder conf.d. Write your own name, and in root the path of {folder}.
# The page or the data at one address, by Accept; Turtle by default.
map $http_accept $evgraph_suffix {{
    default .ttl;
{chosen}}}
map $sent_http_content_type $evgraph_policy {{
    default "";
    "~^text/html" "{POLICY}";
}}
server {{
    listen 80;
    server_name evgraph.example.org;
    root /var/www/evgraph;
    absolute_redirect off;
    types {{
{types}    }}
    charset utf-8;
    charset_types {texts};
    error_page 404 {prefix}/404.html;
{headers}    add_header Vary "Accept, Accept-Encoding" always;
    add_header Content-Security-Policy $evgraph_policy always;
    add_header Link '{_about_data(prefix)}' always;
    location {prefix}/ {{
        try_files $uri $uri$evgraph_suffix $uri.html $uri.atom $uri/index.html =404;
    }}
    location = {prefix}/.well-known/void {{
        return 303 {prefix}/dataset;
    }}
    location ~ \\.csl\\.json$ {{
        types {{}}
        default_type {_CSL};
    }}
    location ~ ^{re.escape(prefix)}/id/(.+)$ {{
        return 303 {prefix}/$1;
    }}
}}
"""
