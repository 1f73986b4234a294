"""Canned and free SPARQL: the catalogue, typed parameters, one runner."""
