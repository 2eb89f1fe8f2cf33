"""Groups of calls, a file each."""
