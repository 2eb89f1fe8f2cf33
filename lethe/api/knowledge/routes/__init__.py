"""The Knowledge API's routes, one module per subject."""
