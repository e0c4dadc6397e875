"""The lines of writing on a page."""
