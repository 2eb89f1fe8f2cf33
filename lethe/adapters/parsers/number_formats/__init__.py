"""Numbers, dates and times as the format codes of Excel show them, which its charts and old workbooks have as well."""
