"""Formats that are text: plain text and code, separated values, JSON, notebooks, XML."""
