"""Tasks, their jobs, and the events about them."""
