"""The terms of the vocabularies that data is written in: ``python -m docs.vocabularies FILE…``.

``evgraph validate`` tells of terms that nobody defines, offline, so their names stand in ``ontology/vocabularies.txt``.
This script makes that file: from the lists that rdflib carries, and from the vocabularies given as files. Of those not
given, the file keeps what it has. A file is named by its prefix, such as ``cito.ttl``.

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
from evgraph.validation.vocabularies import FILE_NAME, OF_VOCABULARIES, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evgraph.rdf.files import DataFile

_HEAD = """\
# The terms of vocabularies, for evgraph validate to tell of those that none defines.
# Made by python -m docs.vocabularies; after a prefix stand the local names.
"""
# rdflib's list is that of an older version. https://www.w3.org/TR/vocab-dcat-3/
_NEWER = {
    "dcat": "DatasetSeries first hasCurrentVersion hasVersion inCatalog inSeries isDistributionOf isVersionOf last "
    "next nextVersion prev previousVersion resource seriesMember version"
}
_LOCAL = re.compile(r"[\w.\-]+")
_WIDTH = 120


def main(paths: Iterable[str]) -> None:
    """Make the file anew."""
    (shipped_files.ontology() / FILE_NAME).write_text(_HEAD + written(gathered(find(list(paths)))), encoding="utf-8")


def gathered(files: Iterable[DataFile]) -> dict[str, set[str]]:
    """Collect the terms: prefix → local names.

    Args:
        files: vocabularies; each stands in for what is known of it.

    """
    terms = {prefix: set(names) for prefix, names in listed().items()} | _of_rdflib()
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
    """Give the lists that rdflib carries of the vocabularies we know."""
    from rdflib import namespace as rdflib_namespace
    from rdflib.namespace import DefinedNamespaceMeta

    by_namespace = {
        str(one._NS): {*one.__annotations__, *one._extras}
        for one in vars(rdflib_namespace).values()
        if isinstance(one, DefinedNamespaceMeta) and hasattr(one, "_NS")
    }
    return {prefix: by_namespace[iri] for prefix, iri in OF_VOCABULARIES.items() if iri in by_namespace}


def written(terms: Mapping[str, Iterable[str]]) -> str:
    """Write terms as `listed` reads them."""
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
