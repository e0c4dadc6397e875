"""Strokes read by their looks and by their order together."""

from typing import Any

import numpy as np
import pytest
from app_server import ink_reader, reader
from examples import WORDS_DRAWN

from hwr import InputError
from hwr.ink.rendering import text_picture
from hwr.ink.strokes import parse_strokes
from hwr.predictors.strokes import StrokesReader


@pytest.fixture(scope="module")
def both() -> StrokesReader:
    return StrokesReader(reader(), ink_reader())


@pytest.mark.parametrize("text", ["hello", "write", "sound"])
def test_two_readers_agree_on_a_word_and_on_where_it_stands(both: StrokesReader, text: str):
    result, picture = both.read(WORDS_DRAWN[text])
    assert result.text.lower() == text
    (line,) = result.lines
    x0, y0, x1, y1 = line.box
    assert 0 <= x0 < x1 <= picture.shape[1]
    assert 0 <= y0 < y1 <= picture.shape[0]
    assert "".join(character.char for character in line.characters) == result.text
    assert 0 < line.confidence <= 1
    assert all(0 <= confidence <= line.confidence + 1e-9 for _, confidence in line.alternatives)
    assert line.confidence + sum(confidence for _, confidence in line.alternatives) <= 1 + 1e-6


def test_only_the_words_given_are_read(both: StrokesReader):
    assert both.read(WORDS_DRAWN["hello"], words="sound, write")[0].text.lower() in ("sound", "write")


def test_several_lines_are_read_by_their_looks(both: StrokesReader):
    below = [[[x, y + 260, t] for x, y, t in stroke] for stroke in WORDS_DRAWN["write"]]
    result, picture = both.read([*WORDS_DRAWN["hello"], *below])
    assert result.text == reader().read(picture).text
    assert len(result.lines) == 2


@pytest.mark.parametrize("strokes", [[], "ink", [[["a", 0]]], None])
def test_strokes_that_say_nothing_are_a_sentence(both: StrokesReader, strokes: Any):
    with pytest.raises(InputError, match=r"\w.{10,}"):
        both.read(strokes)


def test_a_known_text_is_located():
    picture = text_picture(parse_strokes(WORDS_DRAWN["hello"]))
    found = reader().locate(picture, "hello")
    assert found.text == "hello"
    starts = [character.x0 for character in found.lines[0].characters]
    assert starts == sorted(starts)
    with pytest.raises(InputError):
        reader().locate(np.full((50, 50), 255, np.uint8), "hello")
    with pytest.raises(InputError):
        reader().locate(picture, "h漢llo")
