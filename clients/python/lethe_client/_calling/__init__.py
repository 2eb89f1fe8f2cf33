"""How calls are described, made and sent again."""
