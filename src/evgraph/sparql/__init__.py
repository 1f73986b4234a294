"""SPARQL text: tokens, the binding of terms, and the guard."""
