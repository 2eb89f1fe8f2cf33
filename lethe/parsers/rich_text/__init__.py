"""Rich text (rtf), read from its control words."""
