"""Exports: the whole graph, cells, records, the description of the dataset, and the changes between two versions."""
