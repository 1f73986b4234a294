"""A validation's report as one HTML file that opens anywhere: it fetches nothing and works without its script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import __version__
from evgraph.namespaces import ID
from evgraph.shacl.findings import Severity, term_text
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template

    from evgraph.render.findings.view import ReportView
    from evgraph.shacl.findings import Finding

_TEMPLATES = Path(__file__).parent.parent / "templates"
_PIECES = 500  # The template yields single words; so many are joined before they are written.


def html(view: ReportView) -> Iterator[str]:
    """Write one page for people: searchable with its script, complete without it, on paper too.

    Whatever comes from the data is escaped, and only http and https become links. The page's own policy
    (https://www.w3.org/TR/CSP3/) lets no other script or style in.
    """
    style, script = (_TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    totals, _, checked = view.summary().partition("; ")
    stream = _template().stream(
        view=view,
        groups=view.groups(),
        gone=view.groups(view.report.gone),
        severities=[severity.word for severity in Severity],
        totals=totals,
        checked=checked,
        fixable=sum(not offer.by_ingest for offer in view.fixes.values()),
        notices=view.notices(),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
    )
    stream.enable_buffering(_PIECES)
    yield from stream


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(shown=shown, name=_name, address=_address, counted=plural)
    return environment.get_template("report.html.j2")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _name(finding: Finding) -> str:
    return shown(term_text(finding.focus))


def _address(finding: Finding) -> str:
    """Return the address that the focus node links to; empty where following it could do harm, or leads nowhere."""
    iri = finding.focus.value if isinstance(finding.focus, ox.NamedNode) else ""
    if iri.startswith(ID):
        return ""  # Until this address is registered, its IRIs do not resolve.
    return iri if iri.startswith(("http://", "https://")) else ""
