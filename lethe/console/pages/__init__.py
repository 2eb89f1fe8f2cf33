"""The pages, each module with its ROUTES."""
