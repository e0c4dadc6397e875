"""Ink to learn writing from."""

import numpy as np
from ink_drawn import cursive_i_n

from hwr.data.hands import Hands, PenSample, side_by_side
from hwr.ink.moves import LIFT, logical_order
from hwr.training.recipes.pen import collate


def test_samples_side_by_side_keep_their_letters() -> None:
    path = logical_order(cursive_i_n())
    letters = np.repeat([0, 1], [len(path) // 2, len(path) - len(path) // 2])
    both = side_by_side([PenSample("in", path, letters, "a"), PenSample("in", path, letters, "a")], [0.5])
    assert both.text == "inin"
    assert set(both.letters) == {0, 1, 2, 3}
    assert (np.diff(both.letters) >= 0).all()
    np.testing.assert_allclose(both.path.offsets[1 : len(path)], path.offsets[1:], atol=1e-5)
    batch = collate([[[both]]])
    assert batch.after[0, -1] == LIFT + 4
    assert int((batch.after >= 4).sum()) == 4


def test_no_ink_is_in_two_samples_of_a_group() -> None:
    """Else a style would be taken from the ink that it is to predict."""
    rng = np.random.default_rng(0)

    def sample(text: str) -> PenSample:
        path = logical_order([rng.normal(size=(4 * len(text), 2)).astype(np.float32)])
        return PenSample(text, path, np.repeat(np.arange(len(text)), 4), "a")

    hands = Hands([sample(text) for text in ("some", "few", "short", "words", "here")], [sample(char) for char in "ABCabc"])
    for step in range(60):
        sittings = hands.group(np.random.default_rng(step), 3, 20, 40 * (step % 2))
        assert len(sittings) == 3
        assert all(sittings)
        words = [word for words in sittings for word in words]
        assert (len(words) > 3) == bool(step % 2), "a row of words, or a single one"
        shapes = [
            piece for one in words for piece in {tuple(np.diff(one.path.points[one.letters == k], axis=0)[0]) for k in set(one.letters)}
        ]
        assert len(shapes) == len(set(shapes))
