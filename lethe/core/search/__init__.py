"""Search by words, by meaning or both."""
