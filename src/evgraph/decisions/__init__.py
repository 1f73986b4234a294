"""Questions that only a person can answer, and the curated files that keep the answers."""
