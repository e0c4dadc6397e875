"""Data sets: from a Hub repo id or a local folder to arrays."""
