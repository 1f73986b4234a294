"""The checks of a graph as a whole."""
