"""Writing with a pen: seeds, streaming, styles, wishes. Networks are untrained unless the shipped weights are at stake."""

import numpy as np
import pytest
from ink_drawn import cursive_i_n

from hwr import InputError
from hwr.hub.finding import beside_package
from hwr.ink.moves import pieces_of, unit_of
from hwr.predictors.ink import InkReader
from hwr.predictors.pen import PenWriter
from hwr.system.recent import Recent


def test_the_same_seed_gives_the_same_ink_and_another_another(pen: PenWriter) -> None:
    one, two, other = (pen.write("Hello you", seed=seed, style=1).to_json() for seed in (4, 4, 5))
    assert one == two != other
    assert pen.write("Hello you", seed=4, style=0).to_json() != one


def test_streaming_ends_with_what_write_gives(pen: PenWriter) -> None:
    text = "one two three four five six\nseven eight nine ten eleven twelve"
    steps = list(pen.stream(text, seed=2, verify=False))
    assert [step.total for step in steps] == [12] * len(steps)
    assert [step.done for step in steps] == sorted({step.done for step in steps})
    assert len(steps) > 2
    assert steps[-1].ink.to_json() == pen.write(text, seed=2, verify=False).to_json()
    letters = len(steps[0].ink.letters)
    assert 0 < letters < len(steps[-1].ink.letters)
    assert steps[0].ink.letters[0] == steps[-1].ink.letters[0]
    told = []
    pen.write(text, verify=False, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (12, 12)


def test_words_that_are_remembered_are_not_drawn_again(pen: PenWriter, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    draw = pen.sampler.draw
    monkeypatch.setattr(pen.sampler, "draw", lambda texts, *rest, **options: drawn.extend(texts) or draw(texts, *rest, **options))
    memory: Recent = Recent(100)
    text = "one two three four five six seven eight nine ten"
    steps = list(pen.stream(text, verify=False, memory=memory))
    assert [word for word in drawn if word in text.split()] == text.split()
    drawn.clear()
    steps = list(pen.stream(f"{text} more", verify=False, memory=memory))
    assert drawn == ["more"]
    assert len(steps) == 1  # nothing is shown twice
    whole = pen.write(f"{text} more", verify=False)
    assert [letter.char for letter in steps[-1].ink.letters] == [letter.char for letter in whole.letters]
    drawn.clear()
    list(pen.stream(f"more {text}", verify=False, memory=memory))
    list(pen.stream(text, verify=False, memory=memory, style=1))
    list(pen.stream(text, verify=False, memory=memory, neatness=1.0))
    assert len([word for word in drawn if word in text.split()]) == 3 * 10  # at another place, in another hand, or neater: not the same


def test_what_cannot_be_read_is_drawn_again_and_named(pen: PenWriter) -> None:
    report = pen.write("Hello world", verify=True).report
    assert report.verified
    assert report.unread == ("Hello", "world"), "an untrained reader reads nothing"
    assert report.redrawn == 2
    assert "Hello" in report.sentences()[0]
    assert pen.write("Hello", verify=False).report.unread == ()


@pytest.mark.parametrize(
    "options",
    [
        {"text": ""},
        {"text": "☃"},
        {"text": None},
        {"style": 2},
        {"style": -1},
        {"style": True},
        {"style": [1.0, 2.0]},
        {"style": "neat"},
        {"pressure": float("nan")},
        {"pressure": True},
        {"pressure": "0.5"},
        {"pressure": 1.1},
        {"neatness": 9},
        {"neatness": float("nan")},
        {"seed": -1},
        {"seed": 1.5},
        {"slant": "a"},
        {"size": 0},
        {"width": 1e9},
        {"ink_color": "url(x)"},
        {"paper": "gold"},
    ],
)
def test_impossible_wishes_get_a_sentence(pen: PenWriter, options: dict) -> None:
    with pytest.raises(InputError):
        pen.write(**({"text": "a", "verify": False} | options))


def test_a_style_must_be_finite(pen: PenWriter) -> None:
    for wrong in (np.nan, np.inf, 1e9):
        with pytest.raises(InputError, match="finite"):
            pen.write("a", style=np.append(np.zeros(pen.style_size - 1), wrong), verify=False)


def test_styles_mix(pen: PenWriter) -> None:
    np.testing.assert_allclose(pen.mix(0, 1, 0.25), 0.25)
    np.testing.assert_allclose(pen.mix(0, pen.gallery[1].style, 1), 1.0)
    with pytest.raises(InputError):
        pen.mix(0, 1, 2)


def test_own_ink_sets_the_style_whatever_its_unit(pen: PenWriter) -> None:
    words = [stroke + np.float32([shift, 0]) for shift in (0, 5, 10) for stroke in cursive_i_n()]
    assert len(pieces_of(words, unit_of(words))) >= 1
    style = pen.encode(words)
    np.testing.assert_allclose(pen.encode([(stroke * 37 + 500).tolist() for stroke in words]), style, atol=0.05)
    with pytest.raises(InputError):
        pen.encode([[[1, 1]]])


@pytest.mark.skipif(beside_package("weights/pen-best") is None, reason="no weights")
def test_the_shipped_writer_is_legible_to_its_own_readers() -> None:
    writer = PenWriter.from_pretrained()
    assert len(writer.gallery) >= 50
    ink = writer.write("over the hills")
    assert ink.report.unread == ()
    assert InkReader.from_pretrained().read(ink.strokes).text.lower().replace(" ", "") == "overthehills"
    mine = writer.encode(ink.strokes)
    assert np.linalg.norm(mine - writer.style(0)) < np.median([np.linalg.norm(hand.style - writer.style(0)) for hand in writer.gallery])
