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
    for it in citations:
        yield f"{as_text(it)}\n"


def as_text(it: Citation) -> str:
    """Return a citation in one line."""
    names = [f"{author.family} {author.given}".strip() for author in it.authors]
    who = ", ".join([*names, "et al."] if it.has_more_authors else names)
    year = f"({it.issued})" if it.issued else ""
    number = f"{it.volume}({it.issue})" if it.issue else it.volume
    where = f"{it.container} {number}".strip() + (f":{it.pages}" if it.pages else "")
    parts = [
        f"{who} {year}".strip() if who else "",
        it.title if who or not year else f"{it.title} {year}",
        f"Version {it.version}" if it.version else "",
        where,
        it.publisher,
        f"Captured {it.accessed}" if it.accessed else "",
    ]
    sentences = [part if part[-1] in ".?!" else f"{part}." for part in parts if part]
    return " ".join([*sentences, it.address or it.iri])


def bibtex(citations: Iterable[Citation]) -> Iterator[str]:
    """Write BibTeX; letters beyond ASCII stay, as biber and today's BibTeX read them.

    http://mirrors.ctan.org/biblio/bibtex/base/btxdoc.pdf
    """
    for it in citations:
        where = {"report": "institution", "webpage": "howpublished"}.get(it.kind, "publisher")
        year, _, rest = it.issued.partition("-")
        fields = {
            "author": " and ".join([*map(_bibtex_name, it.authors), *(["others"] if it.has_more_authors else [])]),
            "title": _braced(it.title),
            "journal" if it.kind == "article" else "series": _latex(it.container),
            "year": _latex(year),
            "month": rest[:2].lstrip("0") if re.fullmatch(r"\d\d(-\d\d)?", rest) else "",
            "volume": _latex(it.volume),
            "number": _latex(it.issue),
            "pages": _latex(it.pages).replace("-", "--"),
            where: _braced(it.publisher),
            "version": _latex(it.version),
            "doi": it.doi if not re.search(r"[{}\\%]", it.doi) else "",
            "pmid": _latex(it.pmid),
            "url": _in_braces(it.address),
            "urldate": it.accessed,
            "note": _latex(it.note),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        yield f"@{_BIBTEX[it.kind]}{{{_NOT_IN_KEY.sub('-', it.key)},\n" + ",\n".join(lines) + "\n}\n"


def _bibtex_name(author: Author) -> str:
    if author.given:
        return f"{_latex(author.family)}, {_latex(author.given)}"
    return _braced(author.family) if author.is_organisation or " " in author.family else _latex(author.family)


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
    for it in citations:
        first, _, last = it.pages.partition("-")
        fields = [
            ("TY", _RIS[it.kind]),
            ("ID", it.key),
            *(("AU", ", ".join(filter(None, (author.family, author.given)))) for author in it.authors),
            ("PY", it.issued[:4]),
            ("DA", it.issued.replace("-", "/") if "-" in it.issued else ""),
            ("TI", it.title),
            ("T2", it.container),
            ("VL", it.volume),
            ("IS", it.issue),
            ("SP", first),
            ("EP", last),
            ("PB", it.publisher),
            ("ET", it.version),
            ("DO", it.doi),
            ("AN", it.pmid),
            ("UR", it.address),
            ("Y2", it.accessed.replace("-", "/")),
            ("N1", it.note),
        ]
        yield "".join(f"{tag}  - {value}\r\n" for tag, value in fields if value) + "ER  - \r\n\r\n"


def csl(citations: Iterable[Citation]) -> Iterator[str]:
    """Write CSL-JSON: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables."""
    from json import dumps

    yield "["
    comma = "\n"
    for it in citations:
        yield comma + dumps(as_csl(it), ensure_ascii=False, indent=1)
        comma = ",\n"
    yield "\n]\n"


def as_csl(it: Citation) -> dict[str, Any]:
    """Return a citation as an item of CSL-JSON."""
    fields: dict[str, Any] = {
        "id": it.key,
        "type": _CSL[it.kind],
        "title": it.title,
        "author": [_csl_name(author) for author in it.authors],
        "issued": _csl_date(it.issued),
        "accessed": _csl_date(it.accessed),
        "container-title": it.container,
        "volume": it.volume,
        "issue": it.issue,
        "page": it.pages,
        "publisher": it.publisher,
        "version": it.version,
        "DOI": it.doi,
        "PMID": it.pmid,
        "URL": it.address,
        "note": it.note,
    }
    return {name: value for name, value in fields.items() if value}


def _csl_name(author: Author) -> dict[str, str]:
    if author.given:
        return {"family": author.family, "given": author.given}
    return {"literal" if author.is_organisation else "family": author.family}


def _csl_date(date: str) -> dict[str, list[list[int]]]:
    numbers = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", date)
    return {"date-parts": [[int(part) for part in numbers.groups() if part]]} if numbers else {}


def meta_tags(it: Citation) -> list[tuple[str, str]]:
    """Return the ``citation_*`` tags of a page about a thing: pairs of name and content, as search engines read them.

    https://scholar.google.com/intl/en/scholar/inclusion.html#indexing
    """
    first, _, last = it.pages.partition("-")
    names = [f"{author.family}, {author.given}" if author.given else author.family for author in it.authors]
    publisher = "citation_technical_report_institution" if it.kind == "report" else "citation_publisher"
    tags = [
        ("citation_title", it.title),
        *(("citation_author", name) for name in names),
        ("citation_publication_date", it.issued.replace("-", "/")),
        ("citation_online_date", it.accessed.replace("-", "/")),
        ("citation_journal_title" if it.kind == "article" else "citation_inbook_title", it.container),
        ("citation_volume", it.volume),
        ("citation_issue", it.issue),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        (publisher, it.publisher),
        ("citation_doi", it.doi),
        ("citation_pmid", it.pmid),
        ("citation_public_url", it.address),
    ]
    return [(name, content) for name, content in tags if content]
