"""Where findings stand."""
