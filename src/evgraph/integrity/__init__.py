"""What is checked, who judges it, and what was found."""
