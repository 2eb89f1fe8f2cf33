"""The tree of a company's folders and documents: `node`."""
