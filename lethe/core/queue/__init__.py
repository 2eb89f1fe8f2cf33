"""Tasks, and how their end is reported."""
