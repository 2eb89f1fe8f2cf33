"""How readers write their output: runs to inline markdown, cells to a grid, blocks to a document."""
