"""Proposals and decisions about which documents are the same."""
