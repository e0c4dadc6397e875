"""The app over HTTP, called as programs call it, and how it starts."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import numpy as np
import pytest
from app_server import ROOT, ink_reader, pen_writer, pixel_writer, reader, recognizer, serve, shared_app
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from hub_server import FakeHub
from PIL import Image

from app import create_app
from hwr import CharLSTM, CharPrediction, CharRecognizer
from hwr.ink.rendering import render
from hwr.ink.strokes import parse_strokes
from hwr.ui import Models, build, first_page, guard
from hwr.ui.door import Page
from hwr.ui.panels import problem
from hwr.ui.theme import footer, header

EXAMPLES = json.loads((ROOT / "hwr/ui/character/examples.json").read_text())
STROKES = {example["char"]: example["strokes"] for example in EXAMPLES}


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(shared_app(), verbose=False)


def picture(char: str) -> Image.Image:
    return Image.fromarray(render(parse_strokes(STROKES[char])))


# --- endpoints ---


def test_the_endpoints_are_those_that_are_documented(client: Client) -> None:
    api = client.view_api(return_format="dict")
    assert api["unnamed_endpoints"] == {}
    named = api["named_endpoints"]
    assert set(named) == {
        "/recognize_character",
        "/recognize_strokes",
        "/read_text",
        "/export_text",
        "/write_pen",
        "/write_pixels",
        "/evaluate",
    }
    for endpoint, source in ((named["/recognize_character"], "image"), (named["/recognize_strokes"], "strokes")):
        first, second = endpoint["parameters"]
        assert (first["parameter_name"], first["parameter_has_default"]) == (source, False)
        assert (second["parameter_name"], second["parameter_has_default"], second["parameter_default"]) == ("top_k", True, 5)
        assert second["python_type"]["type"] == "int"
        assert endpoint["description"].startswith("Read one handwritten letter or digit")
        assert endpoint["returns"][0]["python_type"]["type"] == "dict(label: str, confidences: list[dict(label: str, confidence: float)])"
    assert named["/recognize_character"]["parameters"][0]["python_type"]["type"] == "filepath"
    assert named["/recognize_strokes"]["parameters"][0]["python_type"]["type"] == "list[list[list[float]]]"


def assert_equal(given: dict[str, Any], expected: CharPrediction) -> None:
    """The same answer, up to rounding of another process."""
    assert given["label"] == expected.char
    assert [each["label"] for each in given["confidences"]] == [char for char, _ in expected]
    np.testing.assert_allclose(
        [each["confidence"] for each in given["confidences"]], [value for _, value in expected], rtol=1e-3, atol=1e-6
    )


@pytest.mark.parametrize("char", STROKES)
def test_strokes_give_what_the_code_gives(client: Client, char: str) -> None:
    given = client.predict(strokes=STROKES[char], api_name="/recognize_strokes")
    assert_equal(given, recognizer().predict_strokes(STROKES[char]))
    assert given["label"] == char


def save_as(kind: str, folder: Path) -> Path:
    """The same letter in a file of some kind."""
    image = picture("R")
    path = folder / f"letter.{'jpg' if kind in ('cmyk', 'turned') else kind if kind in ('gif', 'webp', 'tiff') else 'png'}"
    options: dict[str, Any] = {}
    if kind == "transparent":
        pixels = np.zeros((*np.shape(image), 4), np.uint8)
        pixels[:, :, 3] = 255 - np.asarray(image)
        image = Image.fromarray(pixels)
    elif kind == "16 bit":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    elif kind == "cmyk":
        image = image.convert("CMYK")
    elif kind == "turned":
        options["exif"] = Image.Exif()
        options["exif"][274] = 6
        image = image.transpose(Image.Transpose.ROTATE_90)
    image.save(path, **options)
    return path


@pytest.mark.parametrize("kind", ["png", "gif", "webp", "tiff", "transparent", "16 bit", "cmyk", "turned"])
def test_an_image_of_any_kind_gives_what_the_code_gives(client: Client, tmp_path: Path, kind: str) -> None:
    path = save_as(kind, tmp_path)
    given = client.predict(image=handle_file(path), top_k=3, api_name="/recognize_character")
    assert_equal(given, recognizer().predict(path, top_k=3))
    assert given["label"] == "R"


def hostile(kind: str, path: Path) -> None:
    if kind == "bomb":
        Image.new("1", (10_000, 10_000)).save(path)
    elif kind == "blank":
        Image.new("L", (99, 99), 255).save(path)
    elif kind == "cut off":
        picture("A").save(path)
        path.write_bytes(path.read_bytes()[:300])
    else:
        path.write_bytes({"empty": b"", "text": b"hello", "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>'}[kind])


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("text", "text.png", "is not an image that can be read"),
        ("text", "text.txt", "is not an image that can be read"),
        ("text", "noextension", "is not an image that can be read"),
        ("text", "<img src=x onerror=alert(1)>.png", "is not an image that can be read"),
        ("svg", "drawing.svg", "is not an image that can be read"),
        ("empty", "empty.png", "is empty"),
        ("cut off", "half.png", "damaged"),
        ("bomb", "bomb.png", "at most 50 million are read"),
        ("blank", "blank.png", "No ink was found"),
    ],
)
def test_a_file_that_is_no_character_is_answered_with_a_sentence(client: Client, tmp_path: Path, kind: str, name: str, says: str) -> None:
    hostile(kind, tmp_path / name)
    with pytest.raises(AppError, match=says) as caught:
        client.predict(image=handle_file(tmp_path / name), api_name="/recognize_character")
    assert "Traceback" not in str(caught.value)
    assert client.predict(strokes=STROKES["A"], api_name="/recognize_strokes")["label"] == "A"  # the server lives on


@pytest.mark.parametrize(
    ("strokes", "says"),
    [
        ([], "There is no ink yet"),
        (None, "Strokes must be a list"),
        ("strokes", "Strokes must be a list"),
        ({"x": 1}, "Strokes must be a list"),
        ([[["a", 1]]], "Stroke 1 has a point"),
        ([[[x, 1] for x in range(21_000)]], "more than 20,000 points"),
    ],
)
def test_what_is_no_drawing_is_answered_with_a_sentence(client: Client, strokes: Any, says: str) -> None:
    with pytest.raises(AppError, match=says):
        client.predict(strokes=strokes, api_name="/recognize_strokes")


@pytest.mark.parametrize("top_k", [0, 48, -1, 2.5, "5", None, True, 1e300])
def test_a_top_k_out_of_range_is_answered_with_a_sentence(client: Client, top_k: Any) -> None:
    with pytest.raises(AppError, match="top_k must be a whole number from 1 to 47"):
        client.predict(strokes=STROKES["A"], top_k=top_k, api_name="/recognize_strokes")


@pytest.mark.parametrize("image", ["/etc/passwd", {"path": "/etc/passwd"}, {"path": str(ROOT / "README.md")}, 5, [1], None, {}])
def test_files_of_the_server_are_out_of_reach(image: Any) -> None:
    url = f"{shared_app()}/gradio_api/call/recognize_character"
    event = httpx.post(url, json={"data": [image, 5]}).json()["event_id"]
    answered = httpx.get(f"{url}/{event}").text
    assert "event: error" in answered
    assert "Send files as uploads" in answered


def test_a_file_too_large_is_refused(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(bytes(101 * 1024 * 1024))
    with pytest.raises(ValueError, match="exceeds the maximum file size"):
        client.predict(image=handle_file(path), api_name="/recognize_character")
    refused = httpx.post(f"{shared_app()}/gradio_api/upload", files={"files": (path.name, path.read_bytes())})
    assert refused.status_code == 413
    assert "maximum allowed size" in refused.text


def test_many_at_once_each_get_their_own_answer() -> None:
    # A client for each: two threads that share one can lose an answer in it, when its stream ends for the one as the other begins.
    clients = [Client(shared_app(), verbose=False) for _ in range(6)]

    def ask(number: int) -> list[tuple[str, str]]:
        chars = [EXAMPLES[place % len(EXAMPLES)]["char"] for place in range(number, number + 4)]
        return [(char, clients[number].predict(strokes=STROKES[char], api_name="/recognize_strokes")["label"]) for char in chars]

    with ThreadPoolExecutor(len(clients)) as pool:
        assert all(char == label for answers in pool.map(ask, range(len(clients))) for char, label in answers)


# --- starting ---


def test_the_app_serves_the_hub_repository_that_it_is_told_to(hub: FakeHub, tmp_path: Path) -> None:
    CharLSTM(hidden_size=8).save_pretrained(tmp_path)
    commit = hub.add("user/letters", {path.name: path.read_bytes() for path in tmp_path.iterdir()})
    spec = f"user/letters@{commit}"
    with serve(**hub.env | {"HWR_CHAR_MODEL": spec}) as url:
        assert spec in httpx.get(f"{url}/config").text
        given = Client(url, verbose=False).predict(strokes=STROKES["A"], api_name="/recognize_strokes")
    assert_equal(given, CharRecognizer.from_pretrained(str(tmp_path)).predict_strokes(STROKES["A"]))


def test_a_model_out_of_reach_is_said_on_the_page(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("HWR_CHAR_MODEL", "no such model")
    page = str(create_app()[0].config)
    assert "could not be loaded, so the shipped weights are used" in page
    assert "could not be loaded, so the shipped weights are used" in caplog.text


def test_nothing_but_the_endpoints_is_public() -> None:
    models = Models(recognizer(), reader(), ink_reader(), pen_writer(), pixel_writer())
    public = {
        each["api_name"] for each in build(models, first_page.shipped()).config["dependencies"] if each["api_visibility"] != "private"
    }
    assert public == {"recognize_character", "recognize_strokes", "read_text", "export_text", "write_pen", "write_pixels", "evaluate"}


# --- errors ---


def test_an_unforeseen_error_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with Page() as page:
        gr.Button().click(lambda: {}["secret"])
    # In a thread of its own: that of a browser's tests has a loop already.
    with ThreadPoolExecutor(1) as pool, pytest.raises(gr.Error) as caught:
        pool.submit(asyncio.run, page.process_api(0, [], state=None)).result()
    assert caught.value.message == guard.UNEXPECTED
    assert "KeyError: 'secret'" in caplog.text


def test_names_that_strangers_choose_are_text_on_the_page() -> None:
    bad = "<img src=x onerror=alert(1)>"
    assert "<img" not in problem(bad)
    assert "<img" not in header(bad) + footer((bad, bad))
