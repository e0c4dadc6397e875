"""How good it is: metrics, collections of labelled pictures, reports."""
