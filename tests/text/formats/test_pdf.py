"""Searchable PDF, as another library reads it."""

import dataclasses

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from read_documents import SIZE, document

from hwr import InputError, TextDocument, TextLine


def read_back(content: bytes) -> list[str]:
    """The words of each page."""
    pdf = pypdfium2.PdfDocument(content)
    return [pdf[number].get_textpage().get_text_range() for number in range(len(pdf))]


words = st.text(st.characters(codec="cp1252", categories=("L", "N")), min_size=1, max_size=8)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.lists(st.text(st.characters(codec="cp1252", categories=("L", "N")), min_size=1, max_size=8), min_size=1, max_size=4), max_size=3
    )
)
def test_the_text_is_found_again(lines: list[list[str]]) -> None:
    (text,) = read_back(document([" ".join(words) for words in lines]).to("pdf"))
    assert text.split() == [word for words in lines for word in words]


@pytest.mark.parametrize("degrees", [-6, 0, 4, 5.5, 6, 6.5])
def test_slanted_lines_are_told_in_order(degrees: float) -> None:
    lines = ["one two three four five six seven", "eight nine ten eleven twelve", "and thirteen more of them here"]
    (text,) = read_back(document(lines, degrees=degrees).to("pdf"))
    assert text.split() == " ".join(lines).split()


@pytest.mark.parametrize("text", ["naïve Ελλάδα", "中文 words", "😀 beyond 16 bits", "(brackets) \\ back", "<b>&amp;"])
def test_every_character_can_be_searched_for(text: str) -> None:
    assert read_back(document([text]).to("pdf"))[0].split() == text.split()


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=20))
def test_any_text_makes_a_file(text: str) -> None:
    assert len(read_back(document([text]).to("pdf"))) == 1


@pytest.mark.parametrize("degrees", [0, 4, 20, 90, 180])
def test_words_stand_where_they_were_read(degrees: float) -> None:
    read = document(["some words here"], degrees=degrees)
    read = TextDocument((dataclasses.replace(read.pages[0], lines=tuple(moved(line) for line in read.pages[0].lines)),))
    page = pypdfium2.PdfDocument(read.to("pdf"))[0]
    scale = page.get_width() / SIZE[0]
    places = page.get_textpage()
    boxes = {places.get_text_range(index, 1): places.get_charbox(index) for index in range(places.count_chars())}
    for word in read.pages[0].lines[0].words:
        left, low, right, high = boxes[word.text[0]]
        middle = np.array([(left + right) / 2, page.get_height() - (low + high) / 2]) / scale
        along = (word.polygon[1] - word.polygon[0]) / len(word.text)
        expected = word.polygon[[0, 3]].mean(0) + along / 2
        assert np.hypot(*(middle - expected)) < 3, word.text
    assert page.get_height() == pytest.approx(SIZE[1] * scale, abs=0.1)


def moved(line: TextLine) -> TextLine:
    """A line in the middle of the page, so that it may be turned; its words begin with three different letters."""
    shift = np.array([400, 300], np.float32) - line.polygon[0]
    words = tuple(
        dataclasses.replace(word, text=first + word.text[1:], polygon=word.polygon + shift)
        for word, first in zip(line.words, "XYZ", strict=True)
    )
    return dataclasses.replace(line, words=words, text=" ".join(word.text for word in words), polygon=line.polygon + shift)


def test_the_page_is_seen_and_the_text_is_not() -> None:
    draw = np.random.default_rng(0)
    picture = Image.fromarray(
        np.kron(draw.integers(0, 256, (SIZE[1] // 100, SIZE[0] // 100), dtype=np.uint8), np.ones((100, 100), np.uint8))
    )
    read = document(["some words here", "and there"])
    read = TextDocument((dataclasses.replace(read.pages[0], picture=picture.copy),))
    page = pypdfium2.PdfDocument(read.to("pdf"))[0]
    seen = page.render(scale=SIZE[0] / page.get_width()).to_pil().convert("L").resize(SIZE)
    assert np.abs(np.asarray(seen, float) - np.asarray(picture, float)).mean() < 4


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1", "P", "CMYK", "I;16"])
def test_pictures_of_any_kind_become_a_page(mode: str) -> None:
    picture = Image.new("L", SIZE, 200).convert(mode) if mode != "I;16" else Image.fromarray(np.full(SIZE[::-1], 50_000, np.uint16))
    picture.info["dpi"] = (300, 300)
    read = TextDocument((dataclasses.replace(document(["a"]).pages[0], picture=lambda: picture),))
    page = pypdfium2.PdfDocument(read.to("pdf"))[0]
    assert page.get_size() == pytest.approx((SIZE[0] * 72 / 300, SIZE[1] * 72 / 300), abs=0.1)
    assert 150 < np.asarray(page.render().to_pil().convert("L")).mean() < 256


def test_a_page_that_is_not_known_any_more_is_a_sentence() -> None:
    (page,) = document(["a"]).pages
    with pytest.raises(InputError, match="no picture"):
        dataclasses.replace(page, picture=None).to("pdf")
    with pytest.raises(InputError, match="another one"):
        dataclasses.replace(page, picture=lambda: Image.new("L", (5, 5))).to("pdf")


def test_pages_without_text_have_their_place() -> None:
    assert [text.strip() for text in read_back(document(["first"], [], ["third"]).to("pdf"))] == ["first", "", "third"]
