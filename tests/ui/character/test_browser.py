"""The page in a real browser: people draw on the pad, and look at what it says."""

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_server import ROOT, recognizer
from browsing import CHROMIUM_MARKS
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from hwr.ink.rendering import PAD_SIZE, PEN_WIDTH, render
from hwr.ink.strokes import parse_strokes
from hwr.ui.panels import percent

STROKES = {example["char"]: example["strokes"] for example in json.loads((ROOT / "hwr/ui/character/examples.json").read_text())}
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True}

pytestmark = CHROMIUM_MARKS


@pytest.fixture
def visit(visit: Callable[..., Page]) -> Callable[..., Page]:
    """As a visitor who has opened the mode "Character"."""

    def open_page(*arguments: Any, **options: Any) -> Page:
        page = visit(*arguments, **options)
        page.get_by_role("tab", name="Character", exact=True).click()
        canvas(page).hover(trial=True)
        return page

    return open_page


def canvas(page: Page) -> Locator:
    return page.locator("#pad canvas")


def expect_strokes(page: Page, count: int) -> None:
    expect(canvas(page)).to_have_attribute("aria-label", re.compile({0: "Empty", 1: "1 stroke"}.get(count, f"{count} strokes")))


def expect_answer(page: Page, char: str) -> None:
    expect(page.locator("#answer .hwr-char")).to_have_text(char)


def expect_no_answer(page: Page) -> None:
    expect(page.locator("#answer")).to_contain_text("The answer appears here")
    expect(page.locator("#correction")).to_be_hidden()


def draw(page: Page, strokes: list[Any], every: int = 4) -> None:
    """Draw with the mouse."""
    box = canvas(page).bounding_box()
    assert box is not None
    scale = box["width"] / PAD_SIZE[0]
    for stroke in strokes:
        places = [(box["x"] + x * scale, box["y"] + y * scale) for x, y, _ in [*stroke[:-1:every], stroke[-1]]]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def pad_value(page: Page, act: Callable[[], None], strokes: int) -> list[Any]:
    """Act, and give what the pad sends when it holds so many strokes."""

    def has_strokes(request: Any) -> bool:
        if "/queue/join" not in request.url:
            return False
        data = request.post_data_json["data"]
        return bool(data) and isinstance(data[0], str) and data[0].startswith("[") and len(json.loads(data[0])) == strokes

    with page.expect_request(has_strokes) as request:
        act()
    return json.loads(request.value.post_data_json["data"][0])


def pad_picture(page: Page) -> np.ndarray:
    """How much ink each pixel of the canvas has."""
    url = canvas(page).evaluate("canvas => canvas.toDataURL()")
    image = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    return np.asarray(image)[:, :, 3]


@pytest.mark.parametrize("char", ["A", "5", "g"])
def test_a_drawn_character_is_read_right(visit: Callable[..., Page], char: str) -> None:
    page = visit()
    strokes = pad_value(page, lambda: draw(page, STROKES[char]), len(STROKES[char]))
    expect_answer(page, char)
    expected = recognizer().predict_strokes(strokes)
    expect(page.locator("#answer .hwr-bars li b")).to_have_text([name for name, _ in expected])
    expect(page.locator("#answer .hwr-bars li > span:last-child")).to_have_text([percent(value) for _, value in expected])
    expect(page.locator("#reading path")).to_have_count(7)
    times = [point[2] for stroke in strokes for point in stroke]
    assert times[0] == 0
    assert times == sorted(times)


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_server_draws_what_the_pad_shows(visit: Callable[..., Page], ratio: int) -> None:
    page = visit(device_scale_factor=ratio)
    strokes = pad_value(page, lambda: draw(page, [*STROKES["Q"], [[40, 40, 0]]]), 3)
    shown = pad_picture(page).astype(int)
    scale = shown.shape[1] / PAD_SIZE[0]
    scaled = [stroke * scale for stroke in parse_strokes(strokes)]
    drawn = 255 - render(scaled, size=shown.shape[::-1], pen_width=PEN_WIDTH * scale).astype(int)
    assert shown.shape == drawn.shape
    assert np.abs(shown - drawn).mean() < 1.5
    assert ((shown > 127) & (drawn > 127)).sum() / ((shown > 127) | (drawn > 127)).sum() > 0.97


def test_undo_redo_and_clear_by_button_and_key(visit: Callable[..., Page]) -> None:
    page = visit()
    undo, redo, clear = (page.locator(f"#pad button[data-action={action}]") for action in ("undo", "redo", "clear"))
    for button in (undo, redo, clear):
        expect(button).to_be_disabled()
    draw(page, STROKES["A"])
    expect_strokes(page, 3)
    expect_answer(page, "A")
    before = pad_picture(page)
    undo.click()
    expect_strokes(page, 2)
    assert not np.array_equal(pad_picture(page), before)
    redo.click()
    expect_strokes(page, 3)
    np.testing.assert_array_equal(pad_picture(page), before)
    clear.click()
    expect_strokes(page, 0)
    expect_no_answer(page)
    assert not pad_picture(page).any()
    canvas(page).focus()
    page.keyboard.press("Control+z")  # brings back what was cleared
    expect_strokes(page, 3)
    expect_answer(page, "A")
    page.keyboard.press("Control+z")
    expect_strokes(page, 2)
    page.keyboard.press("Control+Shift+z")
    expect_strokes(page, 3)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect_strokes(page, 3)
    page.keyboard.press("Delete")
    expect_strokes(page, 0)
    expect(redo).to_be_disabled()


def test_a_tap_is_a_dot_and_no_drawing_grows_without_end(visit: Callable[..., Page]) -> None:
    page = visit()
    canvas(page).click()
    expect_strokes(page, 1)
    shown = pad_picture(page) > 127
    width = np.sqrt(shown.sum() * 4 / np.pi) * PAD_SIZE[0] / shown.shape[1]
    assert abs(width - PEN_WIDTH) < 1
    canvas(page).evaluate("canvas => { canvas.setPointerCapture = () => {}; }")  # there is no such pointer
    for number in range(3):
        scribble(page, 9_000, final=number < 2)
    expect(page.locator("#pad .pad-warning")).to_have_text("The pad is full. Undo or clear to go on.")


def scribble(page: Page, points: int, final: bool = True) -> None:
    canvas(page).evaluate(
        """(canvas, [points, final]) => {
            const box = canvas.getBoundingClientRect();
            const fire = (type, x, y) => canvas.dispatchEvent(new PointerEvent(type,
                {clientX: box.left + x, clientY: box.top + y, pointerId: 7, pointerType: "mouse", button: 0, bubbles: true}));
            fire("pointerdown", 20, 20);
            for (let i = 0; i < points; i++) fire("pointermove", 100 + 80 * Math.cos(i), 100 + 80 * Math.sin(i));
            if (final) fire("pointerup", 20, 20);
        }""",
        [points, final],
    )


def test_a_pen_takes_over_from_the_palm_and_second_fingers_do_not_draw(visit: Callable[..., Page]) -> None:
    page = visit()
    value = pad_value(
        page,
        lambda: canvas(page).evaluate(
            """canvas => {
                canvas.setPointerCapture = () => {};
                const box = canvas.getBoundingClientRect();
                const fire = (type, pointerId, pointerType, x) => canvas.dispatchEvent(new PointerEvent(type,
                    {clientX: box.left + x, clientY: box.top + x, pointerId, pointerType, button: 0, bubbles: true}));
                fire("pointerdown", 1, "touch", 300);
                fire("pointermove", 1, "touch", 320);
                fire("pointerdown", 2, "pen", 50);
                fire("pointerdown", 3, "touch", 200);
                for (let x = 60; x <= 150; x += 10) { fire("pointermove", 2, "pen", x); fire("pointermove", 1, "touch", 300 + x); }
                fire("pointerup", 1, "touch", 310);
                fire("pointerup", 2, "pen", 150);
                fire("pointerup", 3, "touch", 200);
                fire("pointerdown", 4, "touch", 250);
                fire("pointerup", 4, "touch", 250);
            }"""
        ),
        1,
    )
    expect_strokes(page, 1)
    places = np.array([point[:2] for point in value[0]]) * canvas(page).bounding_box()["width"] / PAD_SIZE[0]
    assert 49 < places.min() < places.max() < 151


def test_a_phone_draws_without_scrolling_and_scrolls_elsewhere(visit: Callable[..., Page]) -> None:
    page = visit(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    touch = page.context.new_cdp_session(page)

    def swipe(x: float, y: float, dy: float, second: bool = False) -> None:
        def points(at: float) -> list[dict[str, float]]:
            return [{"x": x, "y": at, "id": 1}] + ([{"x": x + 60, "y": at, "id": 2}] if second else [])

        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points(y)[:1]})
        for step in range(1, 11):
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points(y + dy * step / 10)})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    box = canvas(page).bounding_box()
    assert box is not None
    swipe(box["x"] + 150, box["y"] + 280, -220)
    expect_strokes(page, 1)
    assert page.evaluate("scrollY") == 0
    swipe(box["x"] + 100, box["y"] + 250, -180, second=True)
    expect_strokes(page, 2)
    assert page.evaluate("scrollY") == 0
    assert page.locator("#pad canvas").evaluate("canvas => canvas.width") == round(3 * box["width"])
    expect(page.locator("#answer .hwr-bars")).to_be_visible()
    assert (
        page.locator("#answer").bounding_box()["y"] < page.locator("#examples").bounding_box()["y"]
    )  # the answer comes right below the pad
    examples = page.locator("#examples").bounding_box()
    swipe(5, min(examples["y"], 700), -300)
    page.wait_for_function("scrollY > 50")


def test_examples_are_drawn_and_read(visit: Callable[..., Page]) -> None:
    page = visit()
    canvas(page).evaluate("canvas => { canvas.mark = 1; }")
    for char in ("R", "8", "W"):
        page.get_by_role("button", name=f"Example {char}", exact=True).click()
        expect_answer(page, char)
        expect_strokes(page, len(STROKES[char]))
        assert pad_picture(page).any()
    assert canvas(page).evaluate("canvas => canvas.mark") == 1  # the same canvas: no listener was lost
    draw(page, [[[20, 20, 0], [40, 20, 0]]])
    expect_strokes(page, len(STROKES["W"]) + 1)


def test_a_picture_and_the_pad_take_turns(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit()
    Image.fromarray(render(parse_strokes(STROKES["R"]))).save(tmp_path / "letter.png")
    (tmp_path / "text.png").write_bytes(b"hello")
    upload = page.locator("#picture input[type=file]")
    draw(page, STROKES["2"])
    expect_answer(page, "2")
    upload.set_input_files(tmp_path / "letter.png")
    expect_answer(page, "R")
    expect_strokes(page, 0)
    draw(page, STROKES["2"])
    expect_answer(page, "2")
    expect(page.locator("#picture img")).to_have_count(0)
    upload.set_input_files(tmp_path / "text.png")
    expect(page.locator("#answer [role=alert]")).to_contain_text("text.png is not an image that can be read")
    expect(page.locator("#correction")).to_be_hidden()
    page.get_by_role("button", name="Remove Image").click()
    expect_no_answer(page)


def test_a_correction_explains(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("button", name="Example g", exact=True).click()
    expect_answer(page, "g")
    because = page.locator("#because")
    page.locator("#truth input").fill("s")
    expect(because).to_contain_text("Small s and capital S count as one here")
    expect(because).to_contain_text("of 47")
    expect(because.locator(".hwr-marked")).to_have_count(1)
    page.locator("#truth input").fill("?")
    expect(because.locator("[role=alert]")).to_contain_text("Type one letter")
    page.get_by_role("button", name="Example R", exact=True).click()
    expect_answer(page, "R")
    expect(page.locator("#truth input")).to_have_value("")
    expect(because).to_be_empty()


def luminance(colour: str) -> float:
    red, green, blue = (int(value) for value in re.findall(r"\d+", colour)[:3])
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ink_and_text_stand_out(visit: Callable[..., Page], theme: str) -> None:
    page = visit(theme)
    page.get_by_role("button", name="Example A", exact=True).click()
    expect_answer(page, "A")
    style = "(element, name) => getComputedStyle(element)[name]"
    paper = luminance(page.locator("#pad .pad-paper").evaluate(style, "backgroundColor"))
    ground = luminance(page.locator("#answer .hwr-card").evaluate(style, "backgroundColor"))
    text = luminance(page.locator("#answer .hwr-bars").evaluate(style, "color"))
    assert (paper < 60) == (ground < 60) == (text > 180) == (theme == "dark")
    drawn = canvas(page).evaluate(
        """canvas => {
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) return `${data[i]},${data[i + 1]},${data[i + 2]}`;
        }"""
    )
    assert abs(luminance(drawn) - paper) > 150


def test_two_people_at_once_see_their_own(visit: Callable[..., Page]) -> None:
    pages = {char: visit() for char in ("A", "8")}
    for char, page in pages.items():
        draw(page, STROKES[char])
    for char, page in pages.items():
        expect_answer(page, char)
