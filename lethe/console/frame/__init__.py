"""What all pages share: the visit, templates, languages, static files, headers."""
