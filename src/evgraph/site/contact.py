"""The address to which a reader sends a comment about a page, with what the comment is about filled in."""

from __future__ import annotations

from urllib.parse import quote


def comment_address(contact: str, title: str, address: str, iri: str = "", version: str = "") -> str:
    """Return the operator's address with the page, its version and the IRI of its thing filled in.

    Args:
        contact: ``mailto:…`` (https://www.rfc-editor.org/rfc/rfc6068), or the address of a form that takes ``title``
            and ``body``, such as that of a new issue.
        title: of the page.
        address: its path.
        iri: of the thing that it is about; empty where it is about none.
        version: of the source page; empty where none was read.

    """
    facts = {"Page": f"{title} ({address})", "Version": version, "IRI": iri}
    body = "".join(f"{name}: {value}\r\n" for name, value in facts.items() if value)
    subject = "subject" if contact.startswith("mailto:") else "title"
    return f"{contact}{'&' if '?' in contact else '?'}{subject}={quote(f'evgraph: {title}')}&body={quote(body)}"
