"""Where handwriting stands: spelling, signs, lines, paper, and the written page as a result."""
