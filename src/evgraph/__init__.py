"""evgraph: the Alcohol and Drug Treatment Matrices as a knowledge graph that can be checked, asked and exported."""

__version__ = "0.1.0"
