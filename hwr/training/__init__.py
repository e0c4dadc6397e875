"""How the networks are trained and their writing judged."""
