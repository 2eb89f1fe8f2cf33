"""What all pages share: who visits, templates, languages, files, headers."""
