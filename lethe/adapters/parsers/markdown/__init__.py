"""How readers write down what they read: runs to inline markdown, cells to a grid, blocks to a document."""
