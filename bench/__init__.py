"""Measurements. Each compares within one run; none is a test."""
