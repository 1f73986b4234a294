"""What a validation must know about data, whether it was loaded from files or lies in any store."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Protocol

import pyoxigraph as ox

from evgraph.integrity.shapes_graph import triples
from evgraph.integrity.targets import pattern
from evgraph.namespaces import DCTERMS, EVG, RDF, RDFS, SCHEMA, SKOS
from evgraph.store.files import always_loaded
from evgraph.store.protocol import Rows
