"""What is erased, how far it is, and its proof."""
