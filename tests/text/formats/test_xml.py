"""ALTO, PAGE-XML and hOCR against their schemas, and what another program reads out of them."""

import io
import re
import warnings
from typing import Any

import numpy as np
import pytest
from htrvx.schemas import Validator
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from read_documents import SIZE, document

from hwr import TextDocument
from hwr.ink.files import printable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # hocr-spec is of 2020
    from hocr_spec import HocrValidator

SCHEMAS = {format: Validator(format) for format in ("alto", "page")}
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
PAGE = "{http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15}"
XHTML = "{http://www.w3.org/1999/xhtml}"

# Markup, quotes, control characters, combining marks, other scripts, what lies beyond 16 bits, and whatever else there is.
texts = st.text(
    st.one_of(st.sampled_from("<>&\"'`;\0\x0b\x1f\ufffe\u0301\u200d\u202e אé中😀 "), st.characters(exclude_categories=("Cs",))), max_size=30
)
pages = st.lists(st.lists(texts, max_size=4), min_size=1, max_size=3)


def parsed(content: bytes) -> Any:
    return etree.parse(io.BytesIO(content), etree.XMLParser(resolve_entities=False, no_network=True))


def expected(text: str) -> list[str]:
    """The words of a text, as far as XML can hold them."""
    return [printable(word) for word in text.split()]


def points(said: str) -> np.ndarray:
    return np.array([[int(number) for number in re.split("[ ,]", pair)] for pair in said.split(" ")])


@settings(deadline=None, max_examples=60)
@given(pages, texts)
def test_alto_is_valid_and_gives_back_the_words(lines: list[list[str]], name: str) -> None:
    tree = parsed(document(*lines, name=name).to("alto"))
    assert SCHEMAS["alto"].validate(tree), SCHEMAS["alto"].xmlschema.error_log
    read = [
        [[string.get("CONTENT") for string in line.iter(f"{ALTO}String")] for line in page.iter(f"{ALTO}TextLine")]
        for page in tree.iter(f"{ALTO}Page")
    ]
    assert read == [[expected(text) for text in page if text.split()] for page in lines]


@settings(deadline=None, max_examples=60)
@given(st.lists(texts, max_size=4), texts)
def test_page_is_valid_and_gives_back_lines_and_words(lines: list[str], name: str) -> None:
    tree = parsed(document(lines, name=name).to("page"))
    assert SCHEMAS["page"].validate(tree), SCHEMAS["page"].xmlschema.error_log
    found = list(tree.iter(f"{PAGE}TextLine"))
    assert [[word.findtext(f".//{PAGE}Unicode") for word in line.iter(f"{PAGE}Word")] for line in found] == list(map(expected, lines))
    whole = [line.find(f"{PAGE}TextEquiv[@index='0']/{PAGE}Unicode").text or "" for line in found]
    assert [text.split() for text in whole] == [printable(text).split() for text in lines]


@settings(deadline=None, max_examples=60)
@given(pages, texts)
def test_hocr_is_valid_and_gives_back_the_words(lines: list[list[str]], name: str) -> None:
    content = document(*lines, name=name).to("hocr")
    assert HocrValidator("standard").validate(io.BytesIO(content), filename="a").is_valid()
    read = [
        [[word.text or "" for word in line] for line in page.iter(f"{XHTML}span") if line.get("class") == "ocr_line"]
        for page in parsed(content).iter(f"{XHTML}div")
        if page.get("class") == "ocr_page"
    ]
    assert read == [[expected(text) for text in page] for page in lines]


@pytest.mark.parametrize("degrees", [0, 7, -40, 90, 180])
def test_places_are_those_of_the_result_and_on_the_page(degrees: float) -> None:
    read = document(["some words", "below one another"], degrees=degrees)
    for line in read.pages[0].lines:
        for said, corners in _polygons(read, line.text):
            np.testing.assert_allclose(said, np.clip(corners, 0, SIZE), atol=0.51)
    for format, schema in SCHEMAS.items():
        assert schema.validate(parsed(read.to(format))), schema.xmlschema.error_log


def _polygons(read: TextDocument, text: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """What ALTO and PAGE say of a line's outline and baseline, beside the truth."""
    (line,) = (line for line in read.pages[0].lines if line.text == text)
    alto, page = parsed(read.to("alto")), parsed(read.to("page"))
    (in_alto,) = (
        found for found in alto.iter(f"{ALTO}TextLine") if [word.get("CONTENT") for word in found.iter(f"{ALTO}String")] == text.split()
    )
    (in_page,) = (found for found in page.iter(f"{PAGE}TextLine") if found.findtext(f"{PAGE}TextEquiv/{PAGE}Unicode") == text)
    words = [points(word.find(f"{PAGE}Coords").get("points")) for word in in_page.iter(f"{PAGE}Word")]
    return [
        (points(in_alto.find(f"{ALTO}Shape/{ALTO}Polygon").get("POINTS")), line.polygon),
        (points(in_alto.get("BASELINE")), line.baseline),
        (points(in_page.find(f"{PAGE}Coords").get("points")), line.polygon),
        (points(in_page.find(f"{PAGE}Baseline").get("points")), line.baseline),
        *zip(words, (word.polygon for word in line.words), strict=True),
    ]


@pytest.mark.parametrize("degrees", [0, 5, -30])
def test_the_baseline_of_hocr_is_where_the_line_stands(degrees: float) -> None:
    read = document(["a few words"], degrees=degrees)
    (line,) = read.pages[0].lines
    (title,) = re.findall(r'class="ocr_line"[^>]*title="([^"]*)"', read.to("hocr").decode())
    slope, offset = map(float, re.search(r"baseline (\S+) (\S+)", title).groups())
    x, y = line.baseline.T
    np.testing.assert_allclose(line.box[3] + offset + slope * (x - line.box[0]), y, atol=1.5)


def test_steep_lines_have_no_baseline_in_hocr() -> None:
    assert b"baseline" not in document(["a few words"], degrees=90).to("hocr")


def test_the_size_of_the_page_is_said() -> None:
    read = document(["a"], name="scan 'n\" <1>.png")
    width, height = map(str, SIZE)
    page = parsed(read.to("alto")).find(f".//{ALTO}Page")
    assert (page.get("WIDTH"), page.get("HEIGHT")) == (width, height)
    page = parsed(read.to("page")).find(f"{PAGE}Page")
    assert (page.get("imageWidth"), page.get("imageHeight"), page.get("imageFilename")) == (width, height, "scan 'n\" <1>.png")
    title = parsed(read.to("hocr")).find(f".//{XHTML}div").get("title")
    assert title == f'image "scan \'n <1>.png"; bbox 0 0 {width} {height}; ppageno 0'
