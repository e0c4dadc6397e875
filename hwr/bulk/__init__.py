"""Reading and writing at any scale, on Ray Data: what to do in pieces, each of which becomes one file, written once."""
