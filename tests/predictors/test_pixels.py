"""Writing with pixels: samples, texts, hands from pictures."""

import threading
from typing import Any

import numpy as np
import pytest
import torch
from app_server import pixel_writer as writer
from seeing import pixels

from hwr import InputError
from hwr.charset import CHARACTERS, CLASS_OF
from hwr.pictures.traits import slant


def drawn(letters: str, style: np.ndarray | None = None) -> np.ndarray:
    """What :meth:`PixelWriter.sample` gives of each letter, all drawn at once: uint8 (N, 28, 28). None: a hand each."""
    draw = torch.Generator().manual_seed(5)
    styles = writer().network.styles(len(letters), draw).numpy() if style is None else np.tile(style, (len(letters), 1))
    return writer()._draw(letters, styles, writer().network.temperature, draw)


# --- samples ---


def test_samples_are_uint8_ink_on_nothing_and_repeatable():
    drawn = writer().sample("A", n=64)
    assert (drawn.shape, drawn.dtype) == ((64, 28, 28), np.uint8)
    assert np.array_equal(drawn, writer().sample("A", n=64))
    assert not np.array_equal(drawn, writer().sample("A", n=64, seed=1))
    assert len(np.unique(drawn.reshape(64, -1), axis=0)) == 64
    assert (drawn[:, [0, 0, -1, -1], [0, -1, 0, -1]] < 128).mean() > 0.95


def test_all_characters_look_like_themselves():
    """Most samples are read as what they are, or as what looks like it."""
    alike = {"0O", "1IL", "Ff", "9gq", "5S", "2Z"}
    classes = writer().recognizer.classes
    letters = "".join(2 * char for char in CHARACTERS)
    right = 0
    for char, read in zip(letters, writer().recognizer.predict_batch(list(drawn(letters)), top_k=1), strict=True):
        wanted = "".join(group for group in alike if classes[CLASS_OF[char]] in group)
        right += read.char in wanted + classes[CLASS_OF[char]]
    assert right > 0.8 * 2 * len(CHARACTERS)


def test_a_style_says_how_a_hand_leans():
    style = np.zeros(writer().style_size, np.float32)
    leaning = []
    for lean in (-2, 2):
        style[0] = lean
        leaning.append(np.mean([slant(writer().sample(char, n=8, style=style)).mean() for char in "HdbTp"]))
    assert leaning[0] + 0.2 < leaning[1]


@pytest.mark.parametrize("arguments", [("é",), ("AB",), ("",), (None,), ("A", 0), ("A", 10**9), ("A", 2.5)])
def test_samples_that_can_not_be_drawn_are_refused(arguments: tuple):
    with pytest.raises(InputError, match=r"\w.{10,}"):
        writer().sample(*arguments)


# --- texts ---


def test_the_same_seed_gives_the_same_picture():
    once, again = (writer().write("Hand 1", seed=3) for _ in range(2))
    other = writer().write("Hand 1", seed=4)
    assert np.array_equal(pixels(once.image), pixels(again.image))
    assert once.report.export() == again.report.export()
    assert pixels(once.image).shape != pixels(other.image).shape or not np.array_equal(pixels(once.image), pixels(other.image))


def test_requests_at_once_do_not_disturb_each_other():
    expected = [pixels(writer().write("at once", seed=seed, verify=False).image) for seed in range(4)]
    found: dict[int, np.ndarray] = {}

    def work(seed: int) -> None:
        found[seed] = pixels(writer().write("at once", seed=seed, verify=False).image)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(found[seed], expected[seed]) for seed in range(4))


def test_what_can_not_be_read_is_drawn_again():
    text = "Sphinx of black quartz judge my vow 0123456789"
    plain = writer().write(text, seed=2, verify=False)
    checked = writer().write(text, seed=2)
    letters = text.replace(" ", "")

    def unread(glyphs: np.ndarray) -> int:
        return int((~writer()._read(glyphs, letters)[1]).sum())

    assert (plain.report.redrawn, plain.report.unread, plain.report.verified) == (0, 0, False)
    assert checked.report.redrawn == unread(plain.glyphs)
    assert checked.report.unread == unread(checked.glyphs) <= checked.report.redrawn
    assert plain.report.characters == checked.report.characters == len(letters) == len(plain.glyphs)


def test_a_hand_is_taken_from_a_picture():
    hands = []
    for lean in (-2.0, 2.0):
        style = np.zeros(writer().style_size, np.float32)
        style[0] = lean
        row = np.concatenate([np.pad(glyph, 8) for glyph in drawn("HdbhTpA4", style)], 1)
        hands.append(writer().encode(255 - np.kron(row, np.ones((4, 4), np.uint8))))
    assert all(hand.shape == (writer().style_size,) and np.isfinite(hand).all() for hand in hands)
    assert hands[0][0] + 1 < hands[1][0]
    given = writer().write("mine", style=hands[0], verify=False)
    assert given.report.characters == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": ""}, "type a text"),
        ({"text": "x" * 10_001}, "10,001 characters"),
        ({"text": "漢"}, "can be written"),
        ({"seed": -1}, "seed"),
        ({"seed": "7"}, "seed"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"size": 1000}, "size"),
        ({"width": 5}, "width"),
        ({"ink_color": "blu"}, "colour"),
        ({"paper": "music"}, "paper"),
        ({"style": np.zeros(3)}, "style"),
        ({"style_image": np.full((50, 50), 255, np.uint8)}, "ink"),
        ({"style_image": b"no picture"}, "image"),
    ],
)
def test_what_can_not_be_written_is_a_sentence(options: dict[str, Any], said: str):
    text = options.pop("text", "a")
    with pytest.raises(InputError, match=said):
        writer().write(text, **options)
