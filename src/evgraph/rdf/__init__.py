"""RDF files: reading, positions, lexical forms and writing."""
