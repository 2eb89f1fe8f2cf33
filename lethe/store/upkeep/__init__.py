"""Background counts and consistency checks."""
