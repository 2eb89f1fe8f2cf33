"""Tasks, their jobs, and the events that tell of them."""
