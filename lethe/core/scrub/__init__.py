"""`lethe scrub` makes erasure physical. fingerprints: finding bytes without storing them. search, run: the command."""
