"""Rows and findings as text and as data."""
