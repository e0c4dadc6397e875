"""Signs that are drawn with strokes of our own."""

import numpy as np

from hwr.paper import signs


def test_every_sign_is_drawn_and_never_quite_the_same():
    rng = np.random.default_rng(0)
    for strokes in [*signs.PUNCTUATION.values(), *signs.ACCENTS.values(), *(strokes for _, strokes in signs.SHAPES.values())]:
        once, again = signs.drawn(strokes, rng), signs.drawn(strokes, rng)
        assert len(once) == len(strokes)
        for one, other in zip(once, again, strict=True):
            assert one.dtype == np.float32
            assert one.shape == other.shape
            assert not np.array_equal(one, other)
            assert np.isfinite(one).all()
            assert np.abs(one).max() < 2.2
