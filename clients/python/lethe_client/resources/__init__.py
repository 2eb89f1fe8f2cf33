"""Groups of calls, one file each."""
