"""Writing with a pen, at the endpoint and on the page."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from app_server import pen_writer, shared_app
from browsing import needs_chromium
from examples import WORDS_DRAWN
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Page, expect
from sentences import A_SENTENCE

from hwr.ink.rendering import TEXT_PAD_SIZE
from hwr.ui.pen.layout import HAND

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


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
    with pytest.raises(AppError, match=A_SENTENCE):
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
    expect(page.locator("#pen-page title")).to_have_text(re.compile("Hi"))
    expect(page.locator("#pen-report")).to_contain_text(re.compile(r"^\s*2 words, seed"))
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
    assert svg == pen_writer().write("Hi <b>Zoë</b>", style=HAND, stroke_width=2.6).to_svg()
    assert download.value.suggested_filename == "Hi-b-Zoë-b.svg"
    assert ElementTree.fromstring(svg).find("{*}title").text == "Hi <b>Zoë</b>"
    page.locator("#pen-watch").click()
    expect(page.locator("#pen-page")).to_contain_text("Hi")


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
    for name in ("plotter.svg", "Dear-reader-this-was-written-by.png", "by.gif", "by.json", "by.inkml"):
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
    canvas = page.locator("#pen-own canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    scale = box["width"] / TEXT_PAD_SIZE[0]
    for stroke in WORDS_DRAWN["hello"]:
        places = [(box["x"] + x * scale, box["y"] + y * scale) for x, y, _ in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()
        assert canvas.bounding_box() == box  # the page is written anew, and nothing moves under the pen
    expect(page.locator("#pen-page path").nth(1)).to_be_attached()
    page.wait_for_function("before => document.querySelector('#pen-page svg').innerHTML !== before", arg=first)


@needs_chromium
def test_nothing_to_write_is_a_sentence(visit: Callable[..., Page]):
    page = visit()
    open_pen(page)
    write(page, " ")
    expect(page.locator("#pen-report [role=alert]")).to_contain_text("type a text")


@needs_chromium
def test_a_page_is_copied_and_watched(visit: Callable[..., Page]):
    page = visit(permissions=["clipboard-read", "clipboard-write"], reduced_motion="no-preference")
    open_pen(page)
    write(page, "copy me")
    expect(page.locator("#pen-page title")).to_have_text("copy me")
    expect(page.locator("#pen-report")).to_contain_text(re.compile(r"^\s*2 words, seed"))
    page.get_by_role("button", name="Copy SVG").click()
    expect(page.locator("#pen-page [role=status]")).to_have_text("SVG copied.")
    svg = page.evaluate("navigator.clipboard.readText()")
    assert svg == pen_writer().write("copy me", style=HAND, stroke_width=2.6).to_svg()
    page.get_by_role("button", name="Copy PNG").click()
    expect(page.locator("#pen-page [role=status]")).to_have_text("Picture copied.")
    size = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const image = await createImageBitmap(await item.getType("image/png"));
            return [image.width, image.height];
        }"""
    )
    assert size == [2 * side for side in pen_writer().write("copy me", style=HAND).size]
    page.locator("#pen-watch").click()
    expect(page.locator("#pen-page .paper-new").first).to_be_attached()
    expect(page.locator("#pen-page .paper-new")).to_have_count(0)  # and then it stands there as before
    assert page.locator("#pen-page [pathLength]").count() == 0


@needs_chromium
def test_a_paper_that_lost_its_ink_draws_it_again(visit: Callable[..., Page]):
    page = visit()
    open_pen(page)
    write(page, "one two")
    expect(page.locator("#pen-report")).to_contain_text(re.compile(r"^\s*2 words, seed"))
    page.evaluate("() => { document.querySelector('#pen-page svg > g').replaceChildren(); }")
    write(page, "one two three")  # the first words are not sent again
    expect(page.locator("#pen-page title")).to_have_text("one two three")
    expect(page.locator("#pen-page g path")).to_have_count(len(pen_writer().write("one two three", style=HAND).strokes))
