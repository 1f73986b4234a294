"""The graph as Python sees it."""
