"""Commands that maintain an installation."""
