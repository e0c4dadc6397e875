"""From a decoder's output to words with places."""

from math import inf

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwr.text.beam import Hypothesis
from hwr.text.ctc import Span
from hwr.text.reading import Reading


@given(st.text("ab .,"))
def test_words_lie_between_the_gaps(text: str) -> None:
    spans = [Span(char, float(2 * place), float(2 * place + 2), 0.9) for place, char in enumerate(text)]
    places = Reading([Hypothesis(text, 0.0, 0.0)], np.ones(1), spans, []).word_places
    assert [word for word, _, _ in places] == text.split()
    edges = [edge for _, start, stop in places for edge in (start, stop)]
    assert edges == sorted(edges)
    for word, start, stop in places:
        inside = "".join(span.char for span in spans if start <= (span.start + span.stop) / 2 <= stop)
        assert inside.strip() == word
    if text.strip():
        assert (places[0][1] == 0.0) == (not text.startswith(" "))
        assert (places[-1][2] == inf) == (not text.endswith(" "))
