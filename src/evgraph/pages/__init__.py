"""From the text of a page to triples."""
