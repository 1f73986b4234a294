"""Fixes for findings that have exactly one safe answer."""
