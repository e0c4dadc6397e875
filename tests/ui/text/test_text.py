"""The mode "Text": its endpoint, its pictures and words, the command line, and the page in a real browser."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from app_server import ROOT, reader, shared_app
from browsing import needs_chromium
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Page, expect
from sentences import A_SENTENCE

from hwr import TextCharacter, TextDocument, TextLine, TextResult, cli
from hwr.ink.rendering import TEXT_PAD_SIZE, fitted_picture, text_picture
from hwr.ink.strokes import parse_strokes
from hwr.ui.text.transcript import pictured, strips, transcript

EXAMPLES = json.loads((ROOT / "hwr/ui/text/examples.json").read_text())
PHONE = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


def strokes_of(text: str) -> list[Any]:
    return next(example["strokes"] for example in EXAMPLES if example["text"] == text)


def picture(*texts: str) -> Image.Image:
    """A page with one example a line."""
    rows = [text_picture(parse_strokes(strokes_of(text))) for text in texts]
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


def test_a_document_is_read_and_exported(client: Client, tmp_path: Path) -> None:
    """A TIFF of two pages with an empty one between them."""
    first, second = picture("hello"), picture("write", "sound")
    path = tmp_path / "letter.tif"
    first.save(path, save_all=True, append_images=[Image.new("L", (400, 300), 255), second])
    given = client.predict(image=handle_file(path), api_name="/read_text")
    expected = reader().read_document(path)
    assert given["text"] == expected.text
    assert [line["page"] for line in given["lines"]] == [1, 3, 3]
    assert [page["size"] for page in given["pages"]] == [list(page.size) for page in expected.pages]
    assert [bool(page.get("error")) for page in given["pages"]] == [False, True, False]
    assert [word["text"] for line in given["lines"] for word in line["words"]] == given["text"].split()
    (pdf,) = client.predict(image=handle_file(path), format="pdf", api_name="/export_text")
    text = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    assert [part.split() for part in text] == [page.text.split() for page in expected.pages]
    pages = client.predict(image=handle_file(path), format="page", api_name="/export_text")
    assert [Path(page).name for page in pages] == ["letter.page.xml", "letter-2.page.xml", "letter-3.page.xml"]


def test_a_document_of_too_many_pages_is_refused(client: Client, tmp_path: Path) -> None:
    blank = Image.new("1", (8, 8), 1)
    blank.save(tmp_path / "book.tif", save_all=True, append_images=[blank] * 40)
    with pytest.raises(AppError, match="more than 20 pages"):
        client.predict(image=handle_file(tmp_path / "book.tif"), api_name="/read_text")


def test_a_format_that_is_none_is_a_sentence(client: Client, page_file: Path) -> None:
    with pytest.raises(AppError, match="format must be one of text"):
        client.predict(image=handle_file(page_file), format="docx", api_name="/export_text")


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n", "white"])
def test_what_cannot_be_read_is_a_sentence(client: Client, tmp_path: Path, content: Any) -> None:
    path = tmp_path / "image.png"
    if content == "white":
        Image.new("L", (300, 200), 255).save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(AppError, match=A_SENTENCE):
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
    polygon = np.array([[0, 0], [80, 0], [80, 40], [0, 40]], np.float32)
    return TextLine(text, confidence, (0, 0, 80, 40), characters, (("<b>", 0.2),), polygon=polygon, seen=seen, emissions=emissions)


def document(*texts: str, confidence: float = 0.4, picture: Image.Image | None = None) -> TextDocument:
    """A page of these lines."""
    picture = picture or Image.new("L", (80, 40), 255)
    return TextDocument((TextResult(tuple(line(text, confidence) for text in texts), picture.size, picture=picture.copy),))


def test_what_is_read_is_text_on_the_page() -> None:
    read = document("<i>\"'&")
    for told in (transcript(read), pictured(read), strips(read.lines, "".join(map(chr, range(32, 127))))):
        assert "<i>" not in told
        assert "<b><" not in told
        assert "&lt;i&gt;" in told
    assert 'data-text="&lt;i&gt;&#34;&#39;&amp;"' in transcript(read)


def test_only_doubtful_characters_are_marked() -> None:
    assert transcript(document("abc", confidence=0.4)).count("hwr-doubt") == 3
    assert "hwr-doubt" not in transcript(document("abc", confidence=0.99))
    assert "hwr-doubt" not in transcript(document("   ", confidence=0.1))


def test_white_space_between_the_tags_is_none_of_the_text() -> None:
    (shown,) = re.findall(r"<p>(.*?)</p>", transcript(document("a  b", confidence=0.99)), re.DOTALL)
    assert shown == "a  b"


def test_lines_are_numbered_through_all_pages() -> None:
    read = TextDocument((*document("a", "b").pages, TextResult(error="No writing <here>."), *document("c").pages))
    for told in (transcript(read), pictured(read)):
        assert re.findall(r'data-line="(\d+)"', told) == ["0", "1", "2"]
    assert "No writing &lt;here&gt;." in transcript(read)
    assert transcript(read).count("<h3>") == 3
    assert pictured(read).count("<img") == 2


def test_a_large_picture_is_sent_back_small() -> None:
    draw = np.random.default_rng(0)
    noise = Image.fromarray(draw.integers(0, 256, (3000, 4000), dtype=np.uint8))
    told = pictured(document("a", picture=noise))
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
    Image.fromarray(fitted_picture(parse_strokes([[[10, 10], [60, 10], [25, 90]]]))).save(good)
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
    scale = box["width"] / TEXT_PAD_SIZE[0]
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
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#transcript [role=status]")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == text
    with page.expect_download() as download:
        page.get_by_role("button", name="Download .txt").click()
    assert Path(download.value.path()).read_text() == f"{text}\n"


@needs_chromium
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_lines_say_how_they_were_read_and_are_corrected(visit: Callable[..., Page], tmp_path: Path, options: dict[str, Any]) -> None:
    """Of a document; with the mouse or the finger, and with the keyboard."""
    path = tmp_path / "letter.tif"
    picture("hello", "write").save(path, save_all=True, append_images=[picture("sound")])
    page = visit(**options)
    open_text(page)
    page.locator("#text-document input[type=file]").last.set_input_files(path)
    lines, box = page.locator("#page polygon"), page.locator(".hwr-line-box")
    expect(lines).to_have_count(3)
    expect(page.locator("#page img")).to_have_count(2)
    field = box.get_by_role("textbox")
    if options:
        lines.nth(1).tap()
        expect(field).not_to_be_focused()  # no keyboard over the page yet
        field.tap()
    else:
        lines.nth(1).hover()
        expect(field).not_to_be_editable()
        lines.nth(1).click()
        expect(field).to_be_focused()
    expect(field).to_have_value(re.compile("write", re.IGNORECASE))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    field.fill("quite <b>another</b>")
    field.press("Enter")  # on to the last line, which has nothing wrong
    expect(box).to_contain_text("Line 3")
    expect(page.locator("#transcript .hwr-text-line").nth(1)).to_contain_text("quite <b>another</b>")
    field.press("Enter")
    expect(box).to_be_hidden()
    lines.first.focus()
    expect(field).to_have_value(re.compile("hello", re.IGNORECASE))
    lines.first.press("Enter")
    field.fill("never mind")
    field.press("Escape")
    expect(box).to_be_hidden()
    expect(page.locator("#transcript .hwr-sure", has_text="corrected")).to_have_count(1)
    page.get_by_role("button", name="Files in all formats").click()
    expect(page.locator("#text-files")).to_contain_text("letter")
    with page.expect_download() as download:
        page.locator("#text-files a").first.click()
    assert "quite <b>another</b>" in Path(download.value.path()).read_text()


@needs_chromium
def test_settings_read_what_is_there_again(visit: Callable[..., Page]) -> None:
    page = visit()
    open_text(page)
    page.locator("#text-examples button").first.click()
    transcript = page.locator("#transcript [data-text][aria-live]")  # not that of the greeting
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
