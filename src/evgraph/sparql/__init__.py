"""Reading and rewriting SPARQL text: tokens, the binding of terms, the guard, the location of syntax errors."""
