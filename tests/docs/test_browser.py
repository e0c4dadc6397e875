"""The page in docs/browser/ that reads drawn characters without a server: what it prepares is what Python prepares, and it reads."""

import base64
import os
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import needs_chromium
from examples import CHARACTERS_DRAWN
from playwright.sync_api import Browser, Page, Route, expect

from hwr import CharRecognizer
from hwr.hub.files import current_onnx
from hwr.ink.rendering import fitted_picture
from hwr.ink.strokes import parse_strokes
from hwr.pictures.character import character

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = Path(os.environ.get("HWR_ONNXRUNTIME_WEB", ROOT / "tests/support/javascript/node_modules/onnxruntime-web")) / "dist"
"""Where ``npm ci --prefix tests/support/javascript`` puts what the page loads from elsewhere."""
LEAST = {"a dot": [[[5, 5]]], "a bar": [[[0, 0], [1000, 0]]], "a tick": [[[0, 0], [2, 9]], [[40, 3]]]}
needs_runtime = pytest.mark.skipif(
    not RUNTIME.is_dir() or current_onnx(ROOT / "weights" / "char-best") is None,
    reason="npm's onnxruntime-web or the exported network is missing",
)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of the page on a plain static server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/docs/browser/"
        server.shutdown()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page; what it loads from elsewhere comes from npm's package, and nothing else may."""
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(address.removesuffix("docs/browser/")):
            route.continue_()
        elif (known := re.fullmatch(r"https://cdn\.jsdelivr\.net/npm/onnxruntime-web@[\d.]+/dist/([\w.-]+)", url)) and RUNTIME.is_dir():
            route.fulfill(path=RUNTIME / known[1], headers={"Access-Control-Allow-Origin": "*", "Content-Type": _type(known[1])})
        else:
            route.abort()

    page.route("**/*", answer)
    page.goto(address)
    yield page
    context.close()
    assert not problems


def _type(name: str) -> str:
    return "application/wasm" if name.endswith(".wasm") else "text/javascript"


@needs_chromium
def test_what_the_network_sees_is_what_it_sees_in_python(page: Page) -> None:
    drawings = [*CHARACTERS_DRAWN.values(), *LEAST.values()]
    pictures = [fitted_picture(parse_strokes(strokes)) for strokes in drawings]
    ours = np.stack([character(picture) for picture in pictures]).astype(int)
    drawn, prepared = (
        np.array(each).reshape(-1, 28, 28)
        for each in page.evaluate(
            """async ([drawings, pictures]) => {
                const {fromStrokes, character} = await import("./preprocess.js");
                const whole = (text) => ({width: 320, height: 320, data: Uint8Array.from(atob(text), (each) => each.charCodeAt(0))});
                return [drawings.map((each) => [...fromStrokes(each)]), pictures.map((each) => [...character(whole(each))])];
            }""",
            [drawings, [base64.b64encode((255 - picture).tobytes()).decode() for picture in pictures]],
        )
    )
    assert np.abs(prepared - ours).max() <= 1  # of the same picture
    differences = np.abs(drawn - ours).mean((1, 2))[: len(CHARACTERS_DRAWN)]  # drawn by itself: a canvas's lines have other edges
    assert differences.max() < 4
    assert differences.mean() < 1.5


def draw(page: Page, strokes: list[list[list[float]]]) -> None:
    """Strokes in the pad's 320 units, with the mouse."""
    box = page.locator("#pad").bounding_box()
    assert box is not None
    for stroke in strokes:
        for number, (x, y, *_) in enumerate(stroke):
            page.mouse.move(box["x"] + x * box["width"] / 320, box["y"] + y * box["height"] / 320)
            if number == 0:
                page.mouse.down()
        page.mouse.up()


@needs_chromium
@needs_runtime
def test_a_drawn_character_is_read(page: Page) -> None:
    expect(page.locator("#status")).to_have_text("")
    ours = CharRecognizer(CharRecognizer.from_pretrained().network)
    for char, strokes in list(CHARACTERS_DRAWN.items())[:4]:
        draw(page, strokes)
        expect(page.locator("#said")).to_have_text(char)
        first = page.locator("#candidates li").first.inner_text().split()
        expected = ours.predict_strokes(strokes)
        assert first[0] == expected.char
        assert float(first[-1].rstrip("%")) / 100 == pytest.approx(expected.confidence, abs=0.1)
        expect(page.locator("#time")).to_contain_text("ms")
        page.locator("#clear").click()
        expect(page.locator("#said")).to_have_text("")
    draw(page, [[[100, 60], [100, 260]], [[60, 60], [140, 60]]])
    expect(page.locator("#pad")).to_have_attribute("aria-label", re.compile("2 strokes"))
    page.locator("#undo").click()
    expect(page.locator("#pad")).to_have_attribute("aria-label", re.compile("1 stroke"))


@needs_chromium
def test_axe_finds_nothing(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []


@needs_chromium
def test_a_network_that_is_not_there_is_said(page: Page, address: str) -> None:
    page.goto(f"{address}?model=nowhere/&runtime=nowhere/")
    expect(page.locator("#status")).to_contain_text("could not be loaded")
    draw(page, [[[100, 60], [100, 260]]])
    expect(page.locator("#pad")).to_have_attribute("aria-label", re.compile("1 stroke"))
