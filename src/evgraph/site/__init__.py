"""The graph as pages for people: each view reads what a page shows, a template writes it.

The views know nothing of HTTP, so the same pages are served by `evgraph.web` and written as files.
"""
