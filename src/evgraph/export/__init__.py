"""RDF on its way out: the whole graph, records, descriptions, differences."""
