"""Numbers, dates and times as Excel's format codes show them, in sheets, charts and old workbooks."""
