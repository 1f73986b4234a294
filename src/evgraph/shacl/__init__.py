"""SHACL: shapes compiled to SELECTs, and pySHACL for the rest."""
