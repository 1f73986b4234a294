"""Write ``ontology/vocabularies.txt``, the terms of common vocabularies: ``python -m docs.vocabularies FILE…``.

``evgraph validate`` reports terms that no vocabulary defines, and works offline, so it needs this list. The script
takes terms from rdflib, and from vocabularies in files whose names are their prefixes, such as ``cito.ttl``. Terms of
other vocabularies stay as they are in the list.

The files are published at https://sparontologies.github.io/cito/current/cito.ttl (and likewise fabio, doco),
https://www.w3.org/ns/oa.ttl and https://raw.githubusercontent.com/structureddynamics/Bibliographic-Ontology-BIBO/master/bibo.owl
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph import shipped_files
from evgraph.rdf.files import find
from evgraph.validation.notices import OF_VOCABULARIES, VOCABULARIES_FILE, listed_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evgraph.rdf.files import DataFile

_HEAD = """\
# The terms of common vocabularies: each prefix, then its local names. evgraph validate reports terms that are not here.
# Written by python -m docs.vocabularies.
"""
# rdflib's list is that of an older version. https://www.w3.org/TR/vocab-dcat-3/
_NEWER = {
    "dcat": "DatasetSeries first hasCurrentVersion hasVersion inCatalog inSeries isDistributionOf isVersionOf last "
    "next nextVersion prev previousVersion resource seriesMember version"
}
_LOCAL = re.compile(r"[\w.\-]+")
_WIDTH = 120


def main(paths: Iterable[str]) -> None:
    """Write the list."""
    (shipped_files.ontology() / VOCABULARIES_FILE).write_text(
        _HEAD + written(gathered(find(list(paths)))), encoding="utf-8"
    )


def gathered(files: Iterable[DataFile]) -> dict[str, set[str]]:
    """Return the terms: prefix → local names.

    Args:
        files: vocabularies; the terms of each replace those in the list.

    """
    terms = {prefix: set(names) for prefix, names in listed_terms().items()} | _of_rdflib()
    for prefix, newer in _NEWER.items():
        terms[prefix] |= set(newer.split())
    for file in files:
        prefix = Path(file.path).stem
        namespace = OF_VOCABULARIES[prefix]
        described = {quad.subject.value for quad in file.parsed() if isinstance(quad.subject, NamedNode)}
        local = {iri.removeprefix(namespace) for iri in described if iri.startswith(namespace)}
        terms[prefix] = {name for name in local if _LOCAL.fullmatch(name)}
    return terms


def _of_rdflib() -> dict[str, set[str]]:
    """Return rdflib's terms of the vocabularies in the list."""
    from rdflib import namespace as rdflib_namespace
    from rdflib.namespace import DefinedNamespaceMeta

    by_namespace = {
        str(namespace._NS): {*namespace.__annotations__, *namespace._extras}
        for namespace in vars(rdflib_namespace).values()
        if isinstance(namespace, DefinedNamespaceMeta) and hasattr(namespace, "_NS")
    }
    return {prefix: by_namespace[iri] for prefix, iri in OF_VOCABULARIES.items() if iri in by_namespace}


def written(terms: Mapping[str, Iterable[str]]) -> str:
    """Return terms in the format that `read_terms` reads."""
    lines = []
    for prefix, names in sorted(terms.items()):
        line = f"{prefix}:"
        for name in sorted(names):
            if len(line) + 1 + len(name) > _WIDTH:
                lines.append(line)
                line = " "
            line += f" {name}"
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
