"""Addresses asked on the web."""
