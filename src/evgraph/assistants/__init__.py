"""``evgraph mcp``: the canned questions, search and SPARQL as tools of an assistant."""
