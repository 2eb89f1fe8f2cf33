"""Making erasure physical. fingerprints: what finds bytes without holding them; search, run: `lethe scrub`."""
