"""Where a graph lives while it is asked: one protocol, and the engines behind it."""
