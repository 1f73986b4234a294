"""The formats of a validation's report: one table for ``--format`` and for file suffixes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evgraph.render.findings.view import ReportView


class FindingFormat(NamedTuple):
    """A format of reports.

    Attributes:
        name: as ``--format`` takes it.
        media_type: as registered with IANA, where it is.
        suffixes: of files, with the dot, the usual one first; none where another format has them.
        most: how many findings of a rule are shown unless the user says otherwise; None for programs, which get all.

    """

    name: str
    media_type: str
    suffixes: tuple[str, ...] = ()
    most: int | None = None

    def write(self, view: ReportView) -> Iterator[str]:
        """Render a report; the renderer is imported now, because a command needs but one."""
        module = _MODULES.get(self.name, self.name)
        render: Callable[[ReportView], Iterator[str]] = getattr(import_module(f"{__name__}.{module}"), self.name)
        return render(view)


_MODULES = {"spreadsheet": "csv"}
FINDING_FORMATS: dict[str, FindingFormat] = {
    finding_format.name: finding_format
    for finding_format in (
        FindingFormat("text", "text/plain", (".txt",), most=20),
        FindingFormat("html", "text/html", (".html", ".htm"), most=1000),
        FindingFormat("json", "application/json", (".json",)),
        FindingFormat("csv", "text/csv", (".csv",)),
        FindingFormat("spreadsheet", "text/csv"),
        FindingFormat("turtle", "text/turtle", (".ttl",)),
        FindingFormat("sarif", "application/sarif+json", (".sarif", ".sarif.json")),
        FindingFormat("junit", "application/xml", (".xml",)),
        FindingFormat("github", "text/plain"),
        FindingFormat("waivers", "application/toml", (".toml",)),
    )
}
"""Name → format."""


def format_of_file(name: str) -> FindingFormat | None:
    """Return the format of a file by the longest suffix that fits, or None."""
    by_suffix = {suffix: known for known in FINDING_FORMATS.values() for suffix in known.suffixes}
    fitting = [suffix for suffix in by_suffix if name.lower().endswith(suffix)]
    return by_suffix[max(fitting, key=len)] if fitting else None
