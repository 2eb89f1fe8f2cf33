"""The tree of a company's folders and documents, stored in the table `node`."""
