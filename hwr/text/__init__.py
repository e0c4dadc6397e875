"""What a CTC network says, to text: alignment, beam search, word lists, the language model."""
