"""The Python interface: `evgraph.open` and the classes of what it gives."""
