"""The generators of the reference pages in this folder: ``python -m docs.build``."""
