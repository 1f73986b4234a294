"""SHACL shapes: read, and compiled to SPARQL; what that cannot say goes to pySHACL."""
