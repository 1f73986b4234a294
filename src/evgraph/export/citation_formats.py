"""Citations as text, BibTeX, RIS, CSL-JSON and as ``citation_*`` tags of HTML; a field without a value is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.export.citations import Author, Citation

# http://mirrors.ctan.org/biblio/bibtex/base/btxdoc.pdf; "dataset" and "online" are of biblatex.
_BIBTEX = {"article": "article", "report": "techreport", "document": "misc", "webpage": "misc", "dataset": "misc"}
_RIS = {"article": "JOUR", "report": "RPRT", "document": "GEN", "webpage": "ELEC", "dataset": "DATA"}
_CSL = {"article": "article-journal", "report": "report", "document": "document", "webpage": "webpage",
        "dataset": "dataset"}  # fmt: skip
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{letter: f"\\{letter}" for letter in "&%$#_"},
}  # fmt: skip
_NOT_IN_KEY = re.compile(r"[^A-Za-z0-9:+.\-]")


def text(citations: Iterable[Citation]) -> Iterator[str]:
    """Write one line each: ``Timko C, DeBenedetti (2007). Title. Journal 1(2):3-4. Publisher. https://doi.org/…``."""
    for citation in citations:
        yield f"{as_text(citation)}\n"


def as_text(citation: Citation) -> str:
    """Return a citation in one line."""
    names = [f"{author.family_name} {author.given_name}".strip() for author in citation.authors]
    who = ", ".join([*names, "et al."] if citation.has_more_authors else names)
    year = f"({citation.issued})" if citation.issued else ""
    number = f"{citation.volume}({citation.issue})" if citation.issue else citation.volume
    where = f"{citation.container} {number}".strip() + (f":{citation.pages}" if citation.pages else "")
    parts = [
        f"{who} {year}".strip() if who else "",
        citation.title if who or not year else f"{citation.title} {year}",
        f"Version {citation.version}" if citation.version else "",
        where,
        citation.publisher,
        f"Captured {citation.accessed}" if citation.accessed else "",
    ]
    sentences = [part if part[-1] in ".?!" else f"{part}." for part in parts if part]
    return " ".join([*sentences, citation.address or citation.iri])


def bibtex(citations: Iterable[Citation]) -> Iterator[str]:
    """Write BibTeX; letters beyond ASCII stay, as biber and today's BibTeX read them.

    http://mirrors.ctan.org/biblio/bibtex/base/btxdoc.pdf
    """
    for citation in citations:
        where = {"report": "institution", "webpage": "howpublished"}.get(citation.kind, "publisher")
        year, _, rest = citation.issued.partition("-")
        fields = {
            "author": " and ".join(
                [*map(_bibtex_name, citation.authors), *(["others"] if citation.has_more_authors else [])]
            ),
            "title": _braced(citation.title),
            "journal" if citation.kind == "article" else "series": _latex(citation.container),
            "year": _latex(year),
            "month": rest[:2].lstrip("0") if re.fullmatch(r"\d\d(-\d\d)?", rest) else "",
            "volume": _latex(citation.volume),
            "number": _latex(citation.issue),
            "pages": _latex(citation.pages).replace("-", "--"),
            where: _braced(citation.publisher),
            "version": _latex(citation.version),
            "doi": citation.doi if not re.search(r"[{}\\%]", citation.doi) else "",
            "pmid": _latex(citation.pmid),
            "url": _in_braces(citation.address),
            "urldate": citation.accessed,
            "note": _latex(citation.note),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        yield f"@{_BIBTEX[citation.kind]}{{{_NOT_IN_KEY.sub('-', citation.key)},\n" + ",\n".join(lines) + "\n}\n"


def _bibtex_name(author: Author) -> str:
    if author.given_name:
        return f"{_latex(author.family_name)}, {_latex(author.given_name)}"
    return (
        _braced(author.family_name)
        if author.is_organisation or " " in author.family_name
        else _latex(author.family_name)
    )


def _latex(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)


def _braced(text: str) -> str:
    """Return text in braces of its own, so that BibTeX keeps its capitals and its "and"."""
    return f"{{{_latex(text)}}}" if text else ""


def _in_braces(address: str) -> str:
    """Return an address as a field may hold it: a brace or a backslash in it is encoded."""
    return re.sub(r"[{}\\]", lambda match: f"%{ord(match[0]):02X}", address)


def ris(citations: Iterable[Citation]) -> Iterator[str]:
    """Write RIS, as reference managers import it: https://en.wikipedia.org/wiki/RIS_(file_format)."""
    for citation in citations:
        first, _, last = citation.pages.partition("-")
        fields = [
            ("TY", _RIS[citation.kind]),
            ("ID", citation.key),
            *(("AU", ", ".join(filter(None, (author.family_name, author.given_name)))) for author in citation.authors),
            ("PY", citation.issued[:4]),
            ("DA", citation.issued.replace("-", "/") if "-" in citation.issued else ""),
            ("TI", citation.title),
            ("T2", citation.container),
            ("VL", citation.volume),
            ("IS", citation.issue),
            ("SP", first),
            ("EP", last),
            ("PB", citation.publisher),
            ("ET", citation.version),
            ("DO", citation.doi),
            ("AN", citation.pmid),
            ("UR", citation.address),
            ("Y2", citation.accessed.replace("-", "/")),
            ("N1", citation.note),
        ]
        yield "".join(f"{tag}  - {value}\r\n" for tag, value in fields if value) + "ER  - \r\n\r\n"


def csl(citations: Iterable[Citation]) -> Iterator[str]:
    """Write CSL-JSON: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables."""
    from json import dumps

    yield "["
    comma = "\n"
    for citation in citations:
        yield comma + dumps(as_csl(citation), ensure_ascii=False, indent=1)
        comma = ",\n"
    yield "\n]\n"


def as_csl(citation: Citation) -> dict[str, Any]:
    """Return a citation as an item of CSL-JSON."""
    fields: dict[str, Any] = {
        "id": citation.key,
        "type": _CSL[citation.kind],
        "title": citation.title,
        "author": [_csl_name(author) for author in citation.authors],
        "issued": _csl_date(citation.issued),
        "accessed": _csl_date(citation.accessed),
        "container-title": citation.container,
        "volume": citation.volume,
        "issue": citation.issue,
        "page": citation.pages,
        "publisher": citation.publisher,
        "version": citation.version,
        "DOI": citation.doi,
        "PMID": citation.pmid,
        "URL": citation.address,
        "note": citation.note,
    }
    return {name: value for name, value in fields.items() if value}


def _csl_name(author: Author) -> dict[str, str]:
    if author.given_name:
        return {"family": author.family_name, "given": author.given_name}
    return {"literal" if author.is_organisation else "family": author.family_name}


def _csl_date(date: str) -> dict[str, list[list[int]]]:
    numbers = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", date)
    return {"date-parts": [[int(part) for part in numbers.groups() if part]]} if numbers else {}


def meta_tags(citation: Citation) -> list[tuple[str, str]]:
    """Return the ``citation_*`` tags of a page about a thing: pairs of name and content, as search engines read them.

    https://scholar.google.com/intl/en/scholar/inclusion.html#indexing
    """
    first, _, last = citation.pages.partition("-")
    names = [
        f"{author.family_name}, {author.given_name}" if author.given_name else author.family_name
        for author in citation.authors
    ]
    publisher = "citation_technical_report_institution" if citation.kind == "report" else "citation_publisher"
    tags = [
        ("citation_title", citation.title),
        *(("citation_author", name) for name in names),
        ("citation_publication_date", citation.issued.replace("-", "/")),
        ("citation_online_date", citation.accessed.replace("-", "/")),
        ("citation_journal_title" if citation.kind == "article" else "citation_inbook_title", citation.container),
        ("citation_volume", citation.volume),
        ("citation_issue", citation.issue),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        (publisher, citation.publisher),
        ("citation_doi", citation.doi),
        ("citation_pmid", citation.pmid),
        ("citation_public_url", citation.address),
    ]
    return [(name, content) for name, content in tags if content]
