"""Writing with a pen on the page and at the endpoint; and the pad's strokes read by looks and by their order together."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from app_server import ROOT, ink_reader, pen_writer, reader, shared_app
from browsing import needs_chromium
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Page, expect

from hwr import InputError, ink
from hwr.predictors.strokes import StrokesReader

EXAMPLES = {each["text"]: each["strokes"] for each in json.loads((ROOT / "hwr/ui/text_examples.json").read_text())}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


# --- reading by looks and by strokes ---


@pytest.fixture(scope="module")
def both() -> StrokesReader:
    return StrokesReader(reader(), ink_reader())


@pytest.mark.parametrize("text", ["hello", "write", "sound"])
def test_two_readers_agree_on_a_word_and_on_where_it_stands(both: StrokesReader, text: str):
    result, picture = both.read(EXAMPLES[text])
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
    assert both.read(EXAMPLES["hello"], words="sound, write")[0].text.lower() in ("sound", "write")


def test_several_lines_are_read_by_their_looks(both: StrokesReader):
    below = [[[x, y + 260, t] for x, y, t in stroke] for stroke in EXAMPLES["write"]]
    result, picture = both.read([*EXAMPLES["hello"], *below])
    assert result.text == reader().read(picture).text
    assert len(result.lines) == 2


@pytest.mark.parametrize("strokes", [[], "ink", [[["a", 0]]], None])
def test_strokes_that_say_nothing_are_a_sentence(both: StrokesReader, strokes: Any):
    with pytest.raises(InputError, match=r"\w.{10,}"):
        both.read(strokes)


def test_a_known_text_is_located():
    picture = ink.text_picture(ink.parse_strokes(EXAMPLES["hello"]))
    found = reader().locate(picture, "hello")
    assert found.text == "hello"
    starts = [character.x0 for character in found.lines[0].characters]
    assert starts == sorted(starts)
    with pytest.raises(InputError):
        reader().locate(np.full((50, 50), 255, np.uint8), "hello")
    with pytest.raises(InputError):
        reader().locate(picture, "héllo")


# --- endpoint ---


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(shared_app(), verbose=False)


@pytest.mark.parametrize(
    "options", [{}, {"style": 3, "seed": 9, "neatness": 1.0, "verify": False}, {"style_strokes": [[[0, 0], [9, 30], [20, 0]]] * 3}]
)
def test_the_endpoint_gives_what_the_code_gives(client: Client, options: dict[str, Any]):
    svg, png, report = client.predict(text="Dear Zoë,\n100 %", **options, api_name="/write_pen")
    wanted = dict(options)
    if "style_strokes" in wanted:
        wanted["style"] = pen_writer().encode(wanted.pop("style_strokes"))
    expected = pen_writer().write("Dear Zoë,\n100 %", **wanted)
    assert Path(svg).read_text(encoding="utf-8") == expected.to_svg()
    assert Image.open(png).size == tuple(2 * side for side in expected.size)
    assert report == expected.report.export()


def test_the_endpoint_is_described(client: Client):
    described = client.view_api(return_format="dict")["named_endpoints"]["/write_pen"]
    names = [parameter["parameter_name"] for parameter in described["parameters"]]
    assert names == ["text", "style", "neatness", "seed", "style_strokes", "verify"]
    assert all(parameter["parameter_has_default"] for parameter in described["parameters"][1:])


@pytest.mark.parametrize(
    "options",
    [{"text": ""}, {"style": 10_000}, {"style": 1.5}, {"neatness": -1}, {"seed": -1}, {"style_strokes": [[["a", "b"]]]}, {"verify": "no"}],
)
def test_wrong_arguments_are_a_sentence(client: Client, options: dict[str, Any]):
    with pytest.raises(AppError, match=r"\w.{8,}\."):
        client.predict(**{"text": "a"} | options, api_name="/write_pen")


# --- the page ---


def open_pen(page: Page) -> None:
    page.get_by_role("tab", name="Write", exact=True).click()
    expect(page.locator("#pen-go")).to_be_visible()


def write(page: Page, text: str) -> None:
    page.locator("#pen-text textarea").fill(text)
    page.locator("#pen-go").click()


@needs_chromium
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_a_text_is_written_and_downloaded(visit: Callable[..., Page], options: dict[str, Any]):
    page = visit(**options)
    open_pen(page)
    write(page, "Hi <b>Zoë</b>")
    expect(page.locator("#pen-save")).to_be_enabled()
    drawing = page.locator("#pen-page svg")
    expect(drawing).to_be_visible()
    box = drawing.bounding_box()
    assert box is not None
    assert box["width"] > 200
    assert page.locator("#pen-page b").count() == 0  # the text is not markup
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    with page.expect_download() as download:
        page.locator("#pen-save").click()
    svg = Path(download.value.path()).read_text(encoding="utf-8")
    assert svg == pen_writer().write("Hi <b>Zoë</b>", stroke_width=2.6).to_svg()
    assert ElementTree.fromstring(svg).find("{*}title").text == "Hi <b>Zoë</b>"
    page.locator("#pen-watch").click()
    expect(page.locator("#pen-page svg .ink path").first).to_be_attached()


@needs_chromium
def test_a_hand_of_the_gallery_writes_at_once_and_all_files_come(visit: Callable[..., Page]):
    page = visit()
    open_pen(page)
    expect(page.locator("#pen-gallery button")).to_have_count(len(pen_writer().gallery))
    page.locator("#pen-gallery button").nth(5).click()
    expect(page.locator("#pen-style input")).to_have_value("5")
    expect(page.locator("#pen-save")).to_be_enabled()
    page.locator("#pen-more").click()
    files = page.locator("#pen-files")
    for name in ("plotter.svg", "handwriting.png", "handwriting.gif", "handwriting.json", "handwriting.inkml"):
        expect(files).to_contain_text(re.compile(name.replace(".", r"\s*\.\s*")))


@needs_chromium
def test_with_pressure_strokes_are_shapes(visit: Callable[..., Page]):
    page = visit()
    open_pen(page)
    write(page, "mine")
    expect(page.locator("#pen-page g[stroke-linejoin]")).to_have_count(1)
    page.locator("button:visible", has_text="How").last.click()
    page.locator("#pen-pressure input[type=number]").fill("0.5")
    page.locator("#pen-go").click()
    expect(page.locator("#pen-page g[fill^='#']")).to_have_count(1)
    expect(page.locator("#pen-page g[stroke-linejoin]")).to_have_count(0)


@needs_chromium
def test_an_own_hand_is_imitated(visit: Callable[..., Page]):
    page = visit()
    open_pen(page)
    write(page, "mine")
    expect(page.locator("#pen-save")).to_be_enabled()
    first = page.locator("#pen-page svg").inner_html()
    page.locator("button:visible", has_text="My own hand").click()
    canvas = page.locator("#pen-own canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    scale = box["width"] / ink.TEXT_PAD_SIZE[0]
    for stroke in EXAMPLES["hello"]:
        places = [(box["x"] + x * scale, box["y"] + y * scale) for x, y, _ in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()
    page.locator("#pen-go").click()
    expect(page.locator("#pen-page path").nth(1)).to_be_attached()
    page.wait_for_function("before => document.querySelector('#pen-page svg').innerHTML !== before", arg=first)


@needs_chromium
def test_nothing_to_write_is_a_sentence(visit: Callable[..., Page]):
    page = visit()
    open_pen(page)
    write(page, " ")
    expect(page.locator("#pen-report [role=alert]")).to_contain_text("type a text")
