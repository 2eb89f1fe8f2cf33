"""Presentations of PowerPoint (pptx)."""
