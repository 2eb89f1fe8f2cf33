"""JSON values."""

from typing import Any

Json = Any
"""A JSON value: dict, list, str, int, float, bool or None."""
