"""Data on its way out: stable Turtle and the other formats."""
