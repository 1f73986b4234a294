"""A validation's report as one HTML file that opens anywhere, and as JUnit XML; the texts are in ``templates``."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import __version__
from evgraph.namespaces import EVG, ID
from evgraph.render.findings.view import LONG, thing
from evgraph.shacl.findings import Severity, term_text
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template

    from evgraph.render.findings.view import ReportView
    from evgraph.store.protocol import Term

_TEMPLATES = Path(__file__).parent.parent / "templates"
_PIECES = 500  # The template yields single words; so many are joined before they are written.


def html(view: ReportView) -> Iterator[str]:
    """Write one page for people: searchable with its script, complete without it, on paper too.

    It fetches nothing. All data is escaped, and only http and https become links. The page's own policy
    (https://www.w3.org/TR/CSP3/) lets no other script or style in.
    """
    style, script = (_TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    totals, _, checked = view.summary().partition("; ")
    counts = [(view.local(file.path), sum(1 for _ in file.parsed())) for file in view.files]
    yield from _written(
        "report.html.j2",
        view,
        gone=view.groups(view.report.gone),
        severities=[severity.word for severity in Severity],
        totals=totals,
        checked=checked,
        counts=counts,
        triples=sum(count for _, count in counts),
        day=f"{view.today.day} {view.today:%B %Y}",
        worklist=view.worklist(),
        fixable=sum(not offer.by_ingest for offer in view.fixes.values()),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
    )


def junit(view: ReportView) -> Iterator[str]:
    """Write one test per finding, and one that passes for each rule without a finding.

    A finding that makes the validation fail is a failure, any other is a skipped test: so there is a failure whenever
    the command's exit code is 1. There is no standard for JUnit XML; this is what the readers of Jenkins, GitLab and
    others share: https://github.com/testmoapp/junitxml
    """
    groups = view.groups()
    # Rules about waivers and notices pass for want of any, so they are left out.
    explained = {finding.rule for related in view.report.related.values() for finding in related}
    checked = {name for name, rule in view.rules.items() if rule.kind in {"shape", "check"}}
    yield from _written(
        "junit.xml.j2",
        view,
        failures=sum(len(group.findings) for group in groups if group.severity <= view.threshold),
        skipped=sum(len(group.findings) for group in groups if group.severity > view.threshold),
        passed=sorted(checked - {group.name for group in groups} - explained),
    )


def _written(name: str, view: ReportView, **values: object) -> Iterator[str]:
    stream = template(name).stream(view=view, groups=view.groups(), notices=view.notices(), **values)
    stream.enable_buffering(_PIECES)
    yield from stream


@cache
def template(name: str) -> Template:
    """Return one of evgraph's templates, which escape all data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(shown=shown, text=partial(shown, longest=LONG), term=term_text, thing=thing)
    environment.filters.update(address=_address, counted=plural, iri=_iri)
    return environment.get_template(name)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _iri(term: Term | None) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""


def _address(term: Term | None) -> str:
    """Return the address that a term links to; empty where following it could do harm, or leads nowhere."""
    iri = _iri(term)
    if iri.startswith((ID, EVG)):
        return ""  # Until these are registered, they do not resolve.
    return iri if iri.startswith(("http://", "https://")) else ""
