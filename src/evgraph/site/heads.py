"""What the head of a page says to programs: schema.org in JSON-LD."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from evgraph.namespaces import EVG

if TYPE_CHECKING:
    from evgraph.site.page import Site

_TYPES = {"Guidance": "Report", "Study": "ScholarlyArticle", "Review": "ScholarlyArticle"}
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def linked_data(content: dict[str, Any]) -> Markup:
    """Return JSON-LD for a script element: without any character that could end it or start markup.

    https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
    """
    filled = {name: value for name, value in content.items() if value}
    text = json.dumps({"@context": "https://schema.org", **filled}, ensure_ascii=False)
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - nothing in it can end the element


def document_head(site: Site, iri: str, address: str) -> dict[str, Any]:
    """Return the JSON-LD of a document, and the address of the first page of its lists."""
    reader = site.reader
    types = reader.types(iri)
    doi, pmid = reader.value(iri, "bibo:doi"), reader.value(iri, "bibo:pmid")
    publishers = reader.labels(reader.values(iri, "dcterms:publisher"))
    content = {
        "@type": next((name for kind, name in _TYPES.items() if f"{EVG}{kind}" in types), "CreativeWork"),
        "@id": iri,
        "name": reader.value(iri, "dcterms:title") or reader.label(iri),
        "datePublished": reader.value(iri, "dcterms:issued"),
        "author": [{"@type": "Person", "name": name} for name in reader.values(iri, "dcterms:creator")],
        "publisher": [{"@type": "Organization", "name": name} for name in publishers.values()],
        "identifier": [
            {"@type": "PropertyValue", "propertyID": name, "value": value}
            for name, value in (("DOI", doi), ("PMID", pmid))
            if value
        ],
    }
    return {"json_ld": linked_data(content), "canonical": address}


def thing_head(site: Site, iri: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return the JSON-LD of a thing of a class of schema.org, with its label and further properties."""
    content = {"@type": kind, "@id": iri, "name": site.reader.label(iri), **more}
    return {"json_ld": linked_data(content)}
