"""Writing with pixels at the endpoint and on the page."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_server import pixel_writer as writer
from app_server import shared_app
from browsing import needs_chromium
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Page, expect
from seeing import pixels
from sentences import A_SENTENCE

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(shared_app(), verbose=False)


def test_the_endpoint_gives_what_the_code_gives(client: Client, tmp_path: Path):
    hand = writer().write("anRe4", seed=9, verify=False, size=40).image
    hand.save(tmp_path / "hand.png")
    for options in ({"seed": 5}, {"seed": 5, "temperature": 0.7, "verify": False}, {"style_image": tmp_path / "hand.png"}):
        sent = options | {"style_image": handle_file(options["style_image"])} if "style_image" in options else options
        page, report = client.predict(text="Dear Zoë,\n100%", **sent, api_name="/write_pixels")
        expected = writer().write("Dear Zoë,\n100%", **options)
        assert np.array_equal(pixels(Image.open(page)), pixels(expected.image))
        assert report == expected.report.export()


def test_the_endpoint_is_described(client: Client):
    described = client.view_api(return_format="dict")["named_endpoints"]["/write_pixels"]
    names = [(parameter["parameter_name"], parameter.get("parameter_default")) for parameter in described["parameters"]]
    temperature = writer().network.temperature
    assert names == [("text", None), ("seed", 0), ("temperature", temperature), ("style_image", None), ("verify", True)]
    assert "unread: int" in described["returns"][1]["python_type"]["type"]


@pytest.mark.parametrize(
    "options", [{"text": ""}, {"text": 5}, {"seed": -1}, {"seed": 1.5}, {"temperature": 99}, {"verify": "no"}, {"text": "x" * 20_000}]
)
def test_wrong_arguments_are_a_sentence(client: Client, options: dict[str, Any]):
    with pytest.raises(AppError, match=A_SENTENCE):
        client.predict(**{"text": "a"} | options, api_name="/write_pixels")


def open_pixels(page: Page) -> None:
    page.get_by_role("tab", name="Write", exact=True).click()
    page.get_by_role("tab", name="Pixels", exact=True).click()
    expect(page.locator("#pixels-go")).to_be_visible()


@needs_chromium
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_a_text_is_written_and_downloaded(visit: Callable[..., Page], options: dict[str, Any]):
    page = visit(**options)
    open_pixels(page)
    page.locator("#pixels-text textarea").fill("Hi Zoë 7")
    page.locator("#pixels-seed input").fill("11")
    page.locator("#pixels-go").click()
    expect(page.locator("#pixels-report")).to_contain_text("seed 11")
    expect(page.locator("#pixels-picture img")).to_be_visible()
    with page.expect_download() as download:
        page.locator("#pixels-save").click()
    assert np.array_equal(pixels(Image.open(download.value.path())), pixels(writer().write("Hi Zoë 7", seed=11).image))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    page.locator("#pixels-watch").click()
    expect(page.locator("#pixels-animation img")).to_be_visible()


@needs_chromium
def test_another_hand_writes_at_once(visit: Callable[..., Page]):
    page = visit()
    open_pixels(page)
    page.locator("#pixels-dice").click()
    expect(page.locator("#pixels-report")).to_contain_text(re.compile(r"seed \d+"))
    seed = page.locator("#pixels-seed input").input_value()
    expect(page.locator("#pixels-report")).to_contain_text(f"seed {seed}")


@needs_chromium
def test_an_own_hand_and_an_empty_text(visit: Callable[..., Page]):
    page = visit()
    open_pixels(page)
    page.locator("#pixels-go").click()
    expect(page.locator("#pixels-report")).to_contain_text("seed 7")
    first = page.locator("#pixels-picture img").get_attribute("src")
    page.locator("button:visible", has_text="My own hand").click()
    canvas = page.locator("#pixels-own canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for x in (0.2, 0.5, 0.8):
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * 0.2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * (x + 0.02), box["y"] + box["height"] * 0.8, steps=8)
        page.mouse.up()
    page.locator("#pixels-go").click()
    expect(page.locator("#pixels-picture img")).not_to_have_attribute("src", first or "")
    page.locator("#pixels-text textarea").fill("")
    page.locator("#pixels-go").click()
    expect(page.locator("#pixels-report [role=alert]")).to_contain_text("type a text")
