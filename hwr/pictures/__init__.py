"""Any picture to what a network sees."""
