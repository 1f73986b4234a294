"""What has changed, and how far a change can reach."""
