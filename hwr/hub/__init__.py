"""Models in folders and on the Hub: loading, finding, pushing, cards."""
