"""Labelled images in folders, archives, tables, IDX files and on the Hub: one file a format, ``opening`` at the door."""
