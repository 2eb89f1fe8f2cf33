"""Search by words, by meaning or by both."""
