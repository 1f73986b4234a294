"""The graph as Python sees it: opened, asked, walked through, and handed on to rdflib and data frames."""
