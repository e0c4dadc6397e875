"""The reader of words, lines and pages, with a small untrained network where only the plumbing counts, and with the shipped one."""

import io
import json
import threading

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from hwr import InputError, LineCTC, TextReader
from hwr.charset import PRINTABLE
from hwr.hub.finding import beside_package
from hwr.ink.rendering import text_picture
from hwr.text.grammar import word_list
from hwr.text.reading import interpret, word_confidence

LETTERS = {  # strokes of block letters on a grid 2 wide and 4 high
    "H": [[(0, 0), (0, 4)], [(2, 0), (2, 4)], [(0, 2), (2, 2)]],
    "E": [[(2, 0), (0, 0), (0, 4), (2, 4)], [(0, 2), (1.7, 2)]],
    "L": [[(0, 0), (0, 4), (2, 4)]],
    "O": [[(1, 0), (0.3, 0.6), (0, 2), (0.3, 3.4), (1, 4), (1.7, 3.4), (2, 2), (1.7, 0.6), (1, 0)]],
    "T": [[(0, 0), (2, 0)], [(1, 0), (1, 4)]],
    "I": [[(1, 0), (1, 4)]],
    "N": [[(0, 4), (0, 0), (2, 4), (2, 0)]],
}


def written(text: str, size: float = 20, x: float = 60, y: float = 80) -> list[np.ndarray]:
    """Strokes of block letters, float32 (N, 2)."""
    strokes = []
    for index, char in enumerate(text):
        for stroke in LETTERS.get(char, []):
            strokes.append(np.array([(x + (3 * index + px) * size, y + py * size) for px, py in stroke], np.float32))
    return strokes


@pytest.fixture(scope="module")
def untrained() -> TextReader:
    torch.manual_seed(0)
    return TextReader(LineCTC(stem_channels=[4, 4, 6, 6], hidden_size=8))


@pytest.fixture(scope="module")
def shipped() -> TextReader:
    if beside_package("weights/text-best") is None:
        pytest.skip("no weights are shipped")
    return TextReader.from_pretrained()


@pytest.mark.parametrize("text", ["HELLO", "HOTEL", "TIN"])
def test_block_letters_are_read(shipped, text):
    assert shipped.read_strokes(written(text)).text.upper() == text


def test_lines_come_in_order_with_their_boxes(shipped):
    picture = text_picture(written("HELLO", y=80) + written("HOTEL", y=330))
    found = shipped.read(picture)
    assert [line.text.upper() for line in found.lines] == ["HELLO", "HOTEL"]
    assert found.text == "\n".join(line.text for line in found.lines)
    first, second = (line.box for line in found.lines)
    assert first[3] <= second[1]
    for line in found.lines:
        x0, y0, x1, y1 = line.box
        assert 0 <= x0 < x1 <= picture.shape[1]
        assert 0 <= y0 < y1 <= picture.shape[0]
        assert len(line.characters) == len(line.text)
        middles = [(c.x0 + c.x1) / 2 for c in line.characters]
        assert middles == sorted(middles)
        assert x0 - 30 <= middles[0]
        assert middles[-1] <= x1 + 30
        assert 0 <= line.confidence <= 1
        assert all(0 <= c.confidence <= 1 for c in line.characters)


def test_characters_lie_where_their_ink_is(shipped):
    picture = text_picture(written("HOTEL", size=25))
    (line,) = shipped.read(picture).lines
    if line.text.upper() == "HOTEL":
        left = 2 * 6.0  # the margin that the picture adds
        for index, character in enumerate(line.characters):
            middle = left + (3 * index + 1) * 25
            assert abs((character.x0 + character.x1) / 2 - middle) < 40


@pytest.mark.parametrize("degrees", [0, 6, -9])
def test_words_lie_where_their_ink_is(shipped, degrees):
    texts = ("HOTEL", "TIN", "HELLO")
    starts = (60, 60 + 20 * 18, 60 + 20 * 30)
    strokes = [written(text, x=x) for text, x in zip(texts, starts, strict=True)]
    page = Image.fromarray(np.pad(text_picture([stroke for word in strokes for stroke in word]), 90, constant_values=255))
    found = shipped.read(page.rotate(degrees, expand=True, fillcolor=255), words=texts)
    words = [word for line in found.lines for word in line.words]
    assert " ".join(word.text.upper() for word in words) == " ".join(texts)
    ink = np.asarray(page.rotate(degrees, expand=True, fillcolor=255)) < 128
    covered = np.zeros(ink.shape, np.uint8)
    for word in words:
        alone = np.zeros(ink.shape, np.uint8)
        cv2.fillPoly(alone, [np.round(word.polygon).astype(np.int32)], 1)
        assert not (covered & alone & ink).any()
        (x0, y0, x1, y1), inside = word.box, np.argwhere(alone)
        assert (inside.min(0) >= np.array([y0, x0]) - 1).all()
        assert (inside.max(0) <= np.array([y1, x1]) + 1).all()
        covered |= alone
    assert (ink & (covered > 0)).sum() > 0.97 * ink.sum()
    for line in found.lines:
        (x0, y0), (x1, y1) = line.baseline[0], line.baseline[-1]
        assert np.rad2deg(np.arctan2(y1 - y0, x1 - x0)) == pytest.approx(-degrees, abs=2)


def test_image_file_bytes_array_and_strokes_agree(shipped, tmp_path):
    strokes = written("TIN")
    picture = text_picture(strokes)
    Image.fromarray(picture).save(tmp_path / "word.png")
    texts = {
        shipped.read(source).text
        for source in (picture, Image.fromarray(picture), tmp_path / "word.png", (tmp_path / "word.png").read_bytes())
    }
    assert texts == {shipped.read_strokes(strokes).text} == {shipped.read_strokes([stroke.tolist() for stroke in strokes]).text}


def test_a_result_is_json(shipped):
    exported = json.loads(json.dumps(shipped.read_strokes(written("HELLO")).export()))
    assert exported.keys() == {"text", "confidence", "size", "lines", "language"}
    line = exported["lines"][0]
    assert line.keys() == {"box", "text", "confidence", "characters", "alternatives", "words", "polygon", "baseline"}
    assert [word["text"] for word in line["words"]] == line["text"].split()
    assert line["characters"][0].keys() == {"char", "confidence", "x0", "x1"}
    assert "".join(character["char"] for character in line["characters"]) == line["text"]


def test_only_the_given_words_are_read(shipped):
    for words in (["hotel", "tin"], "hotel, tin", "hotel\ntin"):
        assert shipped.read_strokes(written("HELLO"), words=words).text.lower() in ("hotel", "tin")


def test_the_language_model_can_be_switched_off(shipped):
    (helped,) = shipped.read_strokes(written("HELLO")).lines
    (alone,) = shipped.read_strokes(written("HELLO"), language_model=False).lines
    np.testing.assert_array_equal(helped.emissions, alone.emissions)  # the network saw the same
    without = TextReader(shipped.network)
    assert without.read_strokes(written("HELLO")).text == alone.text


@pytest.mark.parametrize(
    "source",
    [np.full((200, 600), 255, np.uint8), np.zeros((1, 1), np.uint8), np.zeros((300, 300, 4), np.uint8), b"not an image", "no file"],
)
def test_what_shows_no_writing_is_a_sentence(untrained, source):
    for read in (untrained.read, untrained.read_line):
        with pytest.raises(InputError) as caught:
            read(source)
        assert len(str(caught.value)) > 20


def test_a_bad_image_costs_a_batch_nothing_else(shipped):
    word = text_picture(written("TIN"))
    first, bad, last = shipped.read_batch([word, b"", word])
    assert first.text == last.text == shipped.read(word).text
    assert bad.error
    assert bad.text == ""
    assert "error" in bad.export()
    assert first.error is None


@pytest.mark.parametrize("words", [5, [1, 2], ["a" * 500]])
def test_words_that_are_none_are_refused(words):
    with pytest.raises(InputError):
        word_list(words)


def test_words_are_split_at_commas_and_white_space():
    assert word_list("one, two;three\n four  one") == ["one", "two", "three", "four"]
    assert word_list(["New York", "Rome"]) == ["New", "York", "Rome"]
    assert word_list("") == word_list([]) == []


def test_threads_do_not_disturb_one_another(shipped):
    pictures = [text_picture(written(text)) for text in ("HELLO", "TIN", "HOTEL", "NOTE")]
    alone = [shipped.read(picture).text for picture in pictures]
    together: dict[int, str] = {}

    def read(index: int) -> None:
        together[index] = shipped.read(pictures[index]).text

    threads = [threading.Thread(target=read, args=(index,)) for index in range(len(pictures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[index] for index in range(len(pictures))] == alone


def test_a_turned_photograph_is_read(shipped):
    picture = Image.fromarray(np.pad(text_picture(written("HOTEL", size=25)), 120, constant_values=255))
    turned = picture.rotate(8, fillcolor=255)
    buffer = io.BytesIO()
    turned.convert("RGB").save(buffer, "JPEG", quality=60)
    assert shipped.read(buffer.getvalue()).text.upper() == "HOTEL"


def test_word_confidence_grows_with_every_feature_that_speaks_for_it():
    calibration = [0.5, 0.3, 0.8, 0.1]
    base = word_confidence((-1.0, -0.5, 1.0), calibration)
    assert 0 < base < word_confidence((-0.5, -0.5, 1.0), calibration) < 1
    assert base < word_confidence((-1.0, -0.5, 2.0), calibration)


def test_every_word_of_a_reading_has_its_features():
    draw = np.random.default_rng(0)
    logits = draw.normal(0, 1, (24, 1 + len(PRINTABLE))).astype(np.float32)
    for step, char in zip(range(1, 24, 2), "two words ok", strict=False):
        logits[step, 1 + PRINTABLE.index(char)] = 12
    logits[::2, 0] = 12
    log_probs = logits - np.logaddexp.reduce(logits, 1, keepdims=True)
    reading = interpret(log_probs, PRINTABLE, None)
    assert reading.text == "two words ok"
    assert len(reading.words) == 3
    assert reading.posteriors.sum() == pytest.approx(1)
    assert [span.char for span in reading.spans] == list("two words ok")
