"""`lethe scrub` makes erasure physical.

fingerprints, markers, samples: finding bytes without storing them. search, run, entry: the command and its receipt.
"""
