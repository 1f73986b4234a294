"""Validation of data by shapes and checks."""
