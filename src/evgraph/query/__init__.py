"""Questions: the canned ones with their parameters, and the one way in which any query is run."""
