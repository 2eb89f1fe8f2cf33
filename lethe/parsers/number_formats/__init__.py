"""Formats numbers, dates and times by Excel's format codes, for sheets, charts and old workbooks."""
