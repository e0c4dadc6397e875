"""Pen strokes: from strangers and files, as moves of a pen, drawn as pictures."""
