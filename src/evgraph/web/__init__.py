"""The graph over HTTP: linked data, SPARQL and the canned questions, for programs.

A front (`app`, on uvicorn) reads requests and writes answers. It runs no query itself: worker processes, which `pool`
forks from a process that has loaded the graph, answer one query each, in the bytes of the format.
"""
