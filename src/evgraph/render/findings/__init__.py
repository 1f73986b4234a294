"""A validation's report in each of `evgraph.formats.FINDING_FORMATS`."""
