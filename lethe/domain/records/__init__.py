"""Records passed between the layers: frozen, typed, without behaviour."""
