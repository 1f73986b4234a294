"""The formats that evgraph reads and writes, one record each: for ``--format``, file names and HTTP.

Writers are named, not imported: a format costs nothing until it is used, and this module imports none above it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from evgraph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    from pyoxigraph import RdfFormat


class Format(NamedTuple):
    """A way to write triples, rows, a validation report, citations, tables or changes."""

    name: str  # The value of ``--format``.
    media_type: str  # As registered with IANA, where it is.
    suffixes: tuple[str, ...]  # Of files, with the dot, the usual one first; empty where another format has them.
    writer: str  # ``module:function``; see `write`.
    reader: str = ""  # The name of a ``pyoxigraph.RdfFormat``; empty for what evgraph does not read.
    quads: bool = False  # Whether it keeps the names of graphs.
    most: int | None = None  # The number of findings shown per rule by default; None for all.
    library: str = ""  # What it needs in addition; evgraph's extra with the format's name installs it.

    @property
    def write(self) -> Callable[..., Iterator[Any]]:
        """The writer: it takes what is to be written, and returns pieces: bytes of RDF and xlsx, else text."""
        module, _, function = self.writer.partition(":")
        writer: Callable[..., Iterator[Any]] = getattr(import_module(module), function)
        return writer

    def rdf_format(self) -> RdfFormat:
        """Return pyoxigraph's object for this format."""
        import pyoxigraph

        rdf_format: RdfFormat = getattr(pyoxigraph.RdfFormat, self.reader)
        return rdf_format


class Formats(dict[str, Format]):
    """The formats of one kind of content, which messages name: name → format, the default first."""

    def __init__(self, content: str, formats: Iterable[Format]) -> None:
        super().__init__((each.name, each) for each in formats)
        self.content = content
        self.suffixes = {suffix: each for each in self.values() for suffix in each.suffixes}

    def by_suffix(self, path: str | PathLike[str]) -> Format | None:
        """Return the format with the longest suffix that ends the name of a file; None where there is none."""
        name = str(path).lower()
        suffixes = [suffix for suffix in self.suffixes if name.endswith(suffix)]
        return self.suffixes[max(suffixes, key=len)] if suffixes else None

    def by_media_type(self, media_type: str) -> Format | None:
        """Return the first format of a media type (lower case, without parameters); None where there is none."""
        return next((each for each in self.values() if each.media_type == media_type), None)

    def choose(self, name: str | None, path: str | PathLike[str] | None) -> Format:
        """Return the format to write: by its name, else by the suffix of the output, else the default.

        Args:
            name: of the format; None where nobody chose one.
            path: of the output; None or ``-`` for standard output.

        Raises:
            UsageError: there is no such format, or no format with that suffix, or it needs a library that is missing.

        """
        chosen = self._chosen(name, path)
        if chosen.library and find_spec(chosen.library) is None:
            raise UsageError(
                f"{chosen.name} needs the library {chosen.library}, which is not installed",
                hint=f"pip install 'evgraph[{chosen.name}]'",
            )
        return chosen

    def _chosen(self, name: str | None, path: str | PathLike[str] | None) -> Format:
        if name is not None:
            if name not in self:
                raise UsageError(f"cannot write {self.content} as {name}; use {', '.join(self)}", expected=tuple(self))
            return self[name]
        if path is None or str(path) == "-":
            return next(iter(self.values()))
        kind = self.by_suffix(path)
        if kind is None:
            file_name = str(path).rpartition("/")[2]
            ending = f".{file_name.rpartition('.')[2]}" if "." in file_name else "a file without a suffix"
            raise UsageError(
                f"cannot write {self.content} as {ending}; use {', '.join(self.suffixes)}",
                path=path,
                expected=tuple(self.suffixes),
            )
        return kind


_RDF, _RENDER, _CITATIONS = "evgraph.rdf", "evgraph.render", "evgraph.export.citation_formats"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FORMATS = Formats(
    "triples",
    (
        Format("turtle", "text/turtle", (".ttl",), f"{_RDF}.turtle:turtle_chunks", "TURTLE"),
        Format("ntriples", "application/n-triples", (".nt",), f"{_RDF}.write:ntriples", "N_TRIPLES"),
        Format("nquads", "application/n-quads", (".nq",), f"{_RDF}.write:nquads", "N_QUADS", quads=True),
        Format("trig", "application/trig", (".trig",), f"{_RDF}.turtle:trig_chunks", "TRIG", quads=True),
        Format("rdfxml", "application/rdf+xml", (".rdf", ".owl", ".xml"), f"{_RDF}.write:rdfxml", "RDF_XML"),
        Format("jsonld", "application/ld+json", (".jsonld", ".json"), f"{_RDF}.write:jsonld", "JSON_LD", quads=True),
    ),
)
"""The syntaxes of RDF."""

ROW_FORMATS = Formats(
    "rows",
    (
        Format("table", "text/plain", (".txt",), f"{_RENDER}.tables:table"),
        Format("list", "text/plain", (), f"{_RENDER}.tables:records"),
        Format("csv", "text/csv", (".csv",), f"{_RENDER}.rows:csv"),
        Format("spreadsheet", "text/csv", (), f"{_RENDER}.rows:spreadsheet"),
        Format("tsv", "text/tab-separated-values", (".tsv",), f"{_RENDER}.rows:tsv"),
        Format("json", "application/sparql-results+json", (".json", ".srj"), f"{_RENDER}.rows:json"),
        Format("xml", "application/sparql-results+xml", (".xml", ".srx"), f"{_RENDER}.rows:xml"),
        Format("ndjson", "application/x-ndjson", (".ndjson", ".jsonl"), f"{_RENDER}.rows:ndjson"),
        Format("md", "text/markdown", (".md",), f"{_RENDER}.tables:md"),
        Format("xlsx", _XLSX, (".xlsx",), f"{_RENDER}.xlsx:xlsx", library="xlsxwriter"),
    ),
)
"""The formats of rows."""

FINDING_FORMATS = Formats(
    "findings",
    (
        Format("text", "text/plain", (".txt",), f"{_RENDER}.findings.text:text", most=20),
        Format("html", "text/html", (".html", ".htm"), f"{_RENDER}.findings.markup:html", most=1000),
        Format("json", "application/json", (".json",), f"{_RENDER}.findings.data:json"),
        Format("csv", "text/csv", (".csv",), f"{_RENDER}.findings.data:csv"),
        Format("spreadsheet", "text/csv", (), f"{_RENDER}.findings.data:spreadsheet"),
        Format("turtle", "text/turtle", (".ttl",), f"{_RENDER}.findings.turtle:turtle"),
        Format("sarif", "application/sarif+json", (".sarif", ".sarif.json"), f"{_RENDER}.findings.sarif:sarif"),
        Format("junit", "application/xml", (".xml",), f"{_RENDER}.findings.markup:junit"),
        Format("github", "text/plain", (), f"{_RENDER}.findings.text:github"),
        Format("waivers", "application/toml", (".toml",), f"{_RENDER}.findings.data:waivers"),
    ),
)
"""The formats of a validation report."""

CITATION_FORMATS = Formats(
    "citations",
    (
        Format("text", "text/plain", (".txt",), f"{_CITATIONS}:text"),
        Format("bibtex", "application/x-bibtex", (".bib",), f"{_CITATIONS}:bibtex"),
        Format("ris", "application/x-research-info-systems", (".ris",), f"{_CITATIONS}:ris"),
        Format("csl", "application/vnd.citationstyles.csl+json", (".json",), f"{_CITATIONS}:csl"),
    ),
)
"""The formats of citations."""

TABLE_FORMATS = Formats(
    "tables",
    (
        Format("csv", "text/csv", (".csv",), f"{_RENDER}.table_files:csv"),
        Format("spreadsheet", "text/csv", (), f"{_RENDER}.table_files:spreadsheet"),
        Format("xlsx", _XLSX, (".xlsx",), f"{_RENDER}.table_files:xlsx", library="xlsxwriter"),
        Format("sqlite", "application/vnd.sqlite3", (".db",), f"{_RENDER}.table_files:sqlite"),
        Format(
            "parquet", "application/vnd.apache.parquet", (".parquet",), f"{_RENDER}.table_files:parquet",
            library="pyarrow",
        ),
    ),
)  # fmt: skip
"""The formats of tables; the writers return the files of a folder: name and content."""
