"""Erasures: what is erased, how far each one is, and its proof."""
