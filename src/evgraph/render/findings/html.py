"""A validation's report as one HTML file that opens anywhere: nothing is fetched, and it reads without its script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from evgraph import __version__
from evgraph.namespaces import ID
from evgraph.render.findings.account import notices, read_from, summary, waived_summary
from evgraph.shacl.findings import Severity, term_text
from evgraph.text import plural, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template

    from evgraph.render.findings.account import Account
    from evgraph.shacl.findings import Finding

_TEMPLATES = Path(__file__).parent.parent / "templates"
_PIECES = 500  # The template hands out single words; so many are joined before they are written.


def html(account: Account) -> Iterator[str]:
    """Write the report for people: searchable with a script, whole without it, on paper too.

    Whatever comes from the data is escaped, and only http and https become links. The page's own policy
    (https://www.w3.org/TR/CSP3/) lets no other script or style in.
    """
    style, script = (_TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    found, _, checked = summary(account).partition("; ")
    stream = _template().stream(
        groups=account.groups(),
        account=account,
        read_from=partial(read_from, account),
        most=account.most,
        severities=[severity.word for severity in Severity],
        found=found,
        checked=checked,
        mendable=sum(not offer.again for offer in account.fixes.values()),
        notices=notices(account),
        waived_summary=waived_summary(account),
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
    """Give the address that the thing at fault links to; none where following it could do harm, or leads nowhere."""
    iri = finding.focus.value if isinstance(finding.focus, ox.NamedNode) else ""
    if iri.startswith(ID):
        return ""  # Until the address is registered, these names lead nowhere on the web.
    return iri if iri.startswith(("http://", "https://")) else ""
