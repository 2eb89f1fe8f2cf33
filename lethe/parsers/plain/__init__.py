"""Text formats: plain text and code, separated values, JSON, notebooks, XML."""
