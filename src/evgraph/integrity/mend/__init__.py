"""Findings with one safe answer, mended in the files that people keep."""
