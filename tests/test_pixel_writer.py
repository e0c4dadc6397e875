"""Writing with pixels: in code, on the command line, at the endpoint and on the page."""

import re
import threading
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

from hwr import InputError, cli
from hwr.charset import CHARACTERS, CLASS_OF
from hwr.glyph_style import slant
from hwr.predictors.pixels import _enlarged

PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("RGB"))


# --- samples ---


def test_samples_are_uint8_ink_on_nothing_and_repeatable():
    drawn = writer().sample("A", n=64)
    assert (drawn.shape, drawn.dtype) == ((64, 28, 28), np.uint8)
    assert np.array_equal(drawn, writer().sample("A", n=64))
    assert not np.array_equal(drawn, writer().sample("A", n=64, seed=1))
    assert len(np.unique(drawn.reshape(64, -1), axis=0)) == 64
    assert (drawn[:, [0, 0, -1, -1], [0, -1, 0, -1]] < 128).mean() > 0.95


def test_all_characters_look_like_themselves():
    """Nine of ten samples of most characters are read as what they are, or as what looks like it."""
    right = 0
    alike = {"0O", "1IL", "Ff", "9gq", "5S", "2Z"}
    for char in CHARACTERS:
        read = writer().recognizer.predict_batch(list(writer().sample(char, n=4, seed=5)), top_k=1)
        wanted = "".join(group for group in alike if writer().recognizer.classes[CLASS_OF[char]] in group)
        right += sum(result.char in wanted + writer().recognizer.classes[CLASS_OF[char]] for result in read)
    assert right > 0.8 * 4 * len(CHARACTERS)


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


def test_nothing_is_dropped_silently():
    report = writer().write("Zoë & José: 漢, “x” (50%)!", verify=False).report
    assert report.replaced == {"漢": "", "“": '"', "”": '"'}
    assert len(report.sentences()) == 4
    assert report.characters == 19


def test_lines_wrap_paragraphs_stay_and_pages_follow(tmp_path: Path):
    short = writer().write("one\n\ntwo", verify=False, size=12)
    assert short.image.height > 3 * 3 * 12
    long = writer().write("words and words and words " * 40, verify=False, size=12, width=400)
    assert len(long.pages) > 1
    assert all(page.width <= 400 for page in long.pages)
    border = np.concatenate([pixels(page)[:, :4].ravel() for page in long.pages] + [pixels(page)[:, -4:].ravel() for page in long.pages])
    assert (border == 255).all()
    assert [path.name for path in long.save(tmp_path / "a.png")][:2] == ["a.png", "a-2.png"]
    assert all(Image.open(path).size == page.size for path, page in zip(long.save(tmp_path / "a.png"), long.pages, strict=True))
    assert len(long.save(tmp_path / "a.pdf")) == 1


def test_paper_and_colours():
    written = writer().write("ink", verify=False, ink_color="rgb(200,0,0)", paper_color="#102030", paper="grid")
    found = {tuple(pixel) for pixel in pixels(written.image).reshape(-1, 3).tolist()}
    assert (200, 0, 0) in found
    assert (16, 32, 48) in found
    plain = writer().write("ink", verify=False)
    ruled = writer().write("ink", verify=False, paper="ruled")
    assert len({tuple(pixel) for pixel in pixels(ruled.image)[:, 2].tolist()}) > 1
    assert (pixels(plain.image)[:, 2] == 255).all()


def test_the_animation_ends_with_the_page(tmp_path: Path):
    written = writer().write("row by row", verify=False)
    for name in ("a.webp", "a.gif"):
        with Image.open(written.animation(tmp_path / name, max_width=4000)) as movie:
            assert movie.n_frames == 29
            movie.seek(0)
            assert (pixels(movie) > 250).all()
            movie.seek(28)
            assert np.abs(pixels(movie).astype(int) - pixels(written.image)).mean() < 4


def test_strokes_are_as_wide_as_asked_whatever_the_size():
    glyph = writer().sample("l", n=1, seed=1)[0]
    areas = [(_enlarged(glyph, 200, pen) > 127).sum() for pen in (5, 60)]
    assert areas[1] > 1.1 * areas[0]
    assert _enlarged(np.zeros((28, 28), np.uint8), 30, 3).max() == 0


def test_a_hand_is_taken_from_a_picture():
    hands = []
    for lean in (-2.0, 2.0):
        style = np.zeros(writer().style_size, np.float32)
        style[0] = lean
        row = np.concatenate([np.pad(writer().sample(char, style=style)[0], 8) for char in "HdbhTpA4"], 1)
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


def test_a_place_that_can_not_be_written_to_is_a_sentence(tmp_path: Path):
    written = writer().write("a", verify=False)
    for path in (tmp_path / "none" / "a.png", tmp_path / "a.xyz", tmp_path):
        with pytest.raises(InputError, match="can't be written"):
            written.save(path)


# --- command line ---


def test_the_command_writes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "a.png"
    assert cli.main(["write", "--pixels", "Hi –", "-o", str(path), "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.strip() == str(path)
    assert "seed 3" in err
    assert "it became -" in err
    assert np.array_equal(pixels(Image.open(path)), pixels(writer().write("Hi –", seed=3).image))
    text = tmp_path / "text.txt"
    text.write_text("Hi –", encoding="utf-8")
    assert cli.main(["write", "--pixels", "--file", str(text), "-o", str(tmp_path / "b.png"), "--seed", "3"]) == 0
    assert path.read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("arguments", [[], ["a", "--file", "b"], ["--file", "none.txt"], ["a", "--style-image", "none.png"]])
def test_a_wrong_command_is_a_sentence(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["write", "--pixels", *arguments, "-o", str(tmp_path / "a.png")]) == 2
    assert capsys.readouterr().err.startswith("hwr: ")
    assert not (tmp_path / "a.png").exists()


# --- endpoint ---


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
    with pytest.raises(AppError, match=r"\w.{8,}\."):
        client.predict(**{"text": "a"} | options, api_name="/write_pixels")


# --- the page ---


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
