"""How written handwriting is judged."""
