"""Records passed between the layers: frozen and typed, at most with a question about themselves."""
