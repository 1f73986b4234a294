"""The link checker."""
