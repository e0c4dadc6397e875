"""The mode "Text": its endpoint, its pictures and words, the command line, and the page in a real browser."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_server import ROOT, reader, shared_app
from browsing import needs_chromium
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Page, expect

from hwr import TextCharacter, TextLine, TextResult, cli, ink
from hwr.ui.transcript import boxes, strips, transcript

EXAMPLES = json.loads((ROOT / "hwr/ui/text_examples.json").read_text())
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


def strokes_of(text: str) -> list[Any]:
    return next(example["strokes"] for example in EXAMPLES if example["text"] == text)


def picture(*texts: str) -> Image.Image:
    """A page with one example a line."""
    rows = [ink.text_picture(ink.parse_strokes(strokes_of(text))) for text in texts]
    width = max(row.shape[1] for row in rows) + 80
    return Image.fromarray(np.concatenate([np.pad(row, ((40, 40), (40, width - 40 - row.shape[1])), constant_values=255) for row in rows]))


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(shared_app(), verbose=False)


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    picture("hello", "write").save(tmp_path / "page.png")
    return tmp_path / "page.png"


# --- endpoint ---


def test_the_endpoint_gives_what_the_code_gives(client: Client, page_file: Path) -> None:
    for options in ({}, {"language_model": False}, {"words": "hello write"}):
        given = client.predict(image=handle_file(page_file), **options, api_name="/read_text")
        expected = reader().read(page_file, **options).export()
        assert given["text"] == expected["text"]
        assert [line["box"] for line in given["lines"]] == [line["box"] for line in expected["lines"]]
        assert [len(line["characters"]) for line in given["lines"]] == [len(line["text"]) for line in given["lines"]]
        np.testing.assert_allclose(given["confidence"], expected["confidence"], atol=1e-3)
    assert given["text"].lower() == "hello\nwrite"


def test_the_endpoint_is_described(client: Client) -> None:
    described = client.view_api(return_format="dict")["named_endpoints"]["/read_text"]
    names = [(parameter["parameter_name"], parameter.get("parameter_default")) for parameter in described["parameters"]]
    assert names == [("image", None), ("language_model", True), ("words", "")]
    assert "lines: list[dict(box: list[int], text: str" in described["returns"][0]["python_type"]["type"]
    assert "http" not in json.dumps(described["parameters"][0]["example_input"])  # nothing that lies on a server elsewhere


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n", "white"])
def test_what_cannot_be_read_is_a_sentence(client: Client, tmp_path: Path, content: Any) -> None:
    path = tmp_path / "image.png"
    if content == "white":
        Image.new("L", (300, 200), 255).save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(AppError, match=r"\w.{8,}\."):
        client.predict(image=handle_file(path), api_name="/read_text")


@pytest.mark.parametrize("options", [{"language_model": "perhaps"}, {"words": "x" * 200_000}, {"words": 5}])
def test_wrong_arguments_are_a_sentence(client: Client, page_file: Path, options: dict[str, Any]) -> None:
    with pytest.raises(AppError, match=next(iter(options))):
        client.predict(image=handle_file(page_file), **options, api_name="/read_text")


# --- words and pictures ---


def line(text: str, confidence: float = 0.4) -> TextLine:
    seen = np.zeros((40, 80), np.uint8)
    emissions = np.full((20, 96), 0.01, np.float32)
    characters = tuple(TextCharacter(char, confidence, 4.0 * k, 4.0 * k + 4, (("<", 0.3), (" ", 0.1))) for k, char in enumerate(text))
    outline = np.array([[0, 0], [80, 0], [80, 40], [0, 40]], np.float32)
    return TextLine(text, confidence, (0, 0, 80, 40), characters, (("<b>", 0.2),), outline, seen, emissions)


def test_what_is_read_is_text_on_the_page() -> None:
    bad = "<i>\"'&"
    result = TextResult((line(bad),), (80, 40))
    for told in (transcript(result), strips(result.lines, "".join(map(chr, range(32, 127))))):
        assert "<i>" not in told
        assert "<b><" not in told
    assert 'data-text="&lt;i&gt;&quot;&#x27;&amp;"' in transcript(result)


def test_only_doubtful_characters_are_marked() -> None:
    assert transcript(TextResult((line("abc", 0.4),), (80, 40))).count("hwr-doubt") == 3
    assert "hwr-doubt" not in transcript(TextResult((line("abc", 0.99),), (80, 40)))
    assert "hwr-doubt" not in transcript(TextResult((line("   ", 0.1),), (80, 40)))


def test_a_large_picture_is_sent_back_small() -> None:
    draw = np.random.default_rng(0)
    noise = Image.fromarray(draw.integers(0, 256, (3000, 4000), dtype=np.uint8))
    told = boxes(TextResult((line("a"),), noise.size), noise)
    assert len(told) < 2_000_000
    assert 'viewBox="0 0 4000 3000"' in told


# --- command line ---


def test_read_prints_the_text(page_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["read", str(page_file)]) == 0
    assert capsys.readouterr().out.strip() == reader().read(page_file).text


def test_read_as_json_and_with_words(page_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = tmp_path / "words.txt"
    words.write_text("sound\nhello\nwrite\n")
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"broken")
    assert cli.main(["read", str(page_file), str(broken), "--json", "--words", str(words)]) == 1
    first, second = json.loads(capsys.readouterr().out)
    assert first["file"] == str(page_file)
    assert {word.lower() for word in first["text"].split()} <= {"sound", "hello", "write"}
    assert second["error"]
    assert second["lines"] == []


@pytest.mark.parametrize("words", ["no such file", "empty", "binary"])
def test_a_word_list_that_is_none_is_a_sentence(page_file: Path, tmp_path: Path, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list"
    if words != "no such file":
        path.write_bytes(b"" if words == "empty" else b"\xff\xfe\x00")
    assert cli.main(["read", str(page_file), "--words", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("hwr: ")
    assert "Traceback" not in told


def test_recognize_prints_candidates_and_says_what_failed(tmp_path: Path) -> None:
    good = tmp_path / "seven.png"
    Image.fromarray(ink.fitted_picture(ink.parse_strokes([[[10, 10], [60, 10], [25, 90]]]))).save(good)
    command = [sys.executable, "-m", "hwr", "recognize", str(good), str(tmp_path / "none.png"), "--top-k", "2"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert re.match(r".*seven\.png: 7 \d+\.\d%   \S \d+\.\d%", first)
    assert "There is no file" in second


# --- the page ---


def open_text(page: Page) -> None:
    page.get_by_role("tab", name="Text", exact=True).click()
    expect(page.locator("#text-pad canvas")).to_have_attribute("aria-label", re.compile("Empty"))


def write(page: Page, strokes: list[Any]) -> None:
    """Write with the mouse."""
    page.locator("#text-pad canvas").scroll_into_view_if_needed()
    box = page.locator("#text-pad canvas").bounding_box()
    assert box is not None
    scale = box["width"] / ink.TEXT_PAD_SIZE[0]
    for stroke in strokes:
        places = [(box["x"] + x * scale, box["y"] + y * scale) for x, y, _ in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


@needs_chromium
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_a_word_written_on_the_pad_is_read(visit: Callable[..., Page], options: dict[str, Any]) -> None:
    page = visit(**options)
    open_text(page)
    write(page, strokes_of("hello"))
    expect(page.locator("#transcript [data-text]")).to_have_attribute("data-text", re.compile("^hello$", re.IGNORECASE))
    expect(page.locator("#page polygon")).to_have_count(1)
    assert page.locator("#spikes .hwr-strip text").count() >= 4
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    page.locator("#text-pad").get_by_role("button", name="Clear").click()
    expect(page.locator("#transcript")).to_contain_text("The text appears here")


@needs_chromium
def test_a_page_is_read_copied_and_downloaded(visit: Callable[..., Page], page_file: Path) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    open_text(page)
    write(page, strokes_of("sound")[:2])
    page.locator("#text-picture input[type=file]").set_input_files(page_file)
    expect(page.locator("#transcript .hwr-text-line")).to_have_count(2)
    expect(page.locator("#text-pad canvas")).to_have_attribute("aria-label", re.compile("Empty"))  # the latest input counts
    expect(page.locator("#page polygon")).to_have_count(2)
    text = page.locator("#transcript [data-text]").get_attribute("data-text")
    assert text == reader().read(page_file).text
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#transcript [role=status]")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == text
    with page.expect_download() as download:
        page.get_by_role("button", name="Download .txt").click()
    assert Path(download.value.path()).read_text() == f"{text}\n"


@needs_chromium
def test_settings_read_what_is_there_again(visit: Callable[..., Page]) -> None:
    page = visit()
    open_text(page)
    page.locator("#text-examples button").first.click()
    transcript = page.locator("#transcript [data-text]")
    expect(transcript).to_have_attribute("data-text", re.compile("hello", re.IGNORECASE))
    page.locator("#words textarea, #words input").first.fill("sound, write")
    expect(transcript).to_have_attribute("data-text", re.compile("^(sound|write)$", re.IGNORECASE))


@needs_chromium
def test_a_picture_without_writing_says_so(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit()
    open_text(page)
    draw = np.random.default_rng(0)
    wall = 180 + 30 * np.linspace(0, 1, 640)[None, :] + draw.normal(0, 4, (480, 640))
    Image.fromarray(wall.astype(np.uint8)).save(tmp_path / "wall.jpg", quality=70)
    page.locator("#text-picture input[type=file]").set_input_files(tmp_path / "wall.jpg")
    expect(page.locator("#transcript [role=alert]")).to_contain_text("No writing was found")
