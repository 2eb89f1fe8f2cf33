"""The Knowledge API's routes, a module a subject."""
