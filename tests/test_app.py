"""The app over HTTP, called as programs call it, and the words and pictures that it makes."""

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
from hwr import CharLSTM, CharPrediction, CharRecognizer, InputError, ink
from hwr.charset import CLASSES
from hwr.ui import Models, build, guard
from hwr.ui.answer import answer, explain, lost_row, ordinal, problem, strongest_row
from hwr.ui.pad import from_value, to_value
from hwr.ui.reading import percent, reading, settled_row, summarise
from hwr.ui.theme import header

EXAMPLES = json.loads((ROOT / "hwr/ui/examples.json").read_text())
STROKES = {example["char"]: example["strokes"] for example in EXAMPLES}


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(shared_app(), verbose=False)


def picture(char: str) -> Image.Image:
    return Image.fromarray(ink.render(ink.parse_strokes(STROKES[char])))


# --- endpoints ---


def test_the_endpoints_are_those_that_are_documented(client: Client) -> None:
    api = client.view_api(return_format="dict")
    assert api["unnamed_endpoints"] == {}
    named = api["named_endpoints"]
    assert set(named) == {"/recognize_character", "/recognize_strokes", "/read_text", "/write_pen", "/write_pixels", "/evaluate"}
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
    assert "uploaded file" in answered or "There is no image yet" in answered


def test_a_file_too_large_is_refused(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(bytes(101 * 1024 * 1024))
    with pytest.raises(ValueError, match="exceeds the maximum file size"):
        client.predict(image=handle_file(path), api_name="/recognize_character")
    refused = httpx.post(f"{shared_app()}/gradio_api/upload", files={"files": (path.name, path.read_bytes())})
    assert refused.status_code == 413
    assert "maximum allowed size" in refused.text


def test_many_at_once_each_get_their_own_answer() -> None:
    clients = [Client(shared_app(), verbose=False) for _ in range(4)]

    def ask(number: int) -> tuple[str, str]:
        char = EXAMPLES[number % len(EXAMPLES)]["char"]
        return char, clients[number % 4].predict(strokes=STROKES[char], api_name="/recognize_strokes")["label"]

    with ThreadPoolExecutor(8) as pool:
        assert all(char == label for char, label in pool.map(ask, range(24)))


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
    page = str(create_app().config)
    assert "could not be loaded, so the shipped weights are used" in page
    assert "could not be loaded, so the shipped weights are used" in caplog.text


def test_nothing_but_the_endpoints_is_public() -> None:
    models = Models(recognizer(), reader(), ink_reader(), pen_writer(), pixel_writer())
    public = {each["api_name"] for each in build(models).config["dependencies"] if each["api_visibility"] != "private"}
    assert public == {"recognize_character", "recognize_strokes", "read_text", "write_pen", "write_pixels", "evaluate"}


# --- errors ---


def test_an_unforeseen_error_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(gr.Error) as caught:
        guard.endpoint(lambda: {}["secret"])()
    assert caught.value.message == guard.UNEXPECTED
    assert "KeyError: 'secret'" in caplog.text


def test_names_that_strangers_choose_are_text_on_the_page() -> None:
    bad = "<img src=x onerror=alert(1)>"
    assert "<img" not in problem(bad)
    assert "<img" not in header((bad, bad), bad)


@pytest.mark.parametrize("value", ["{", "{}", "1", '"text"', "[" * 100_000, 5])
def test_a_pad_value_from_elsewhere_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="did not arrive whole"):
        from_value(value)


def test_a_pad_value_comes_back() -> None:
    assert from_value(to_value(STROKES["A"])) == STROKES["A"]
    assert from_value("") == from_value(None) == []


# --- words and pictures ---


def trace_of(*leaders: str, lead: float = 0.6) -> np.ndarray:
    """A trace in which each row has a leader."""
    trace = np.full((len(leaders), len(CLASSES)), (1 - lead) / (len(CLASSES) - 1), np.float32)
    for row, char in enumerate(leaders):
        trace[row, CLASSES.index(char)] = lead
    return trace


def seen_with_ink(first: int, last: int) -> np.ndarray:
    seen = np.zeros((28, 28), np.uint8)
    seen[first : last + 1, 10:14] = 255
    return seen


def prediction_of(trace: np.ndarray, seen: np.ndarray) -> CharPrediction:
    order = np.argsort(-trace[-1], kind="stable")
    return CharPrediction(tuple((CLASSES[index], float(trace[-1, index])) for index in order), seen)


@pytest.mark.parametrize(
    ("probability", "text"),
    [(1.0, ">99.9%"), (0.9985, "99.9%"), (0.95, "95.0%"), (0.5, "50%"), (0.05, "5.0%"), (0.0004, "<0.1%"), (0.0, "<0.1%")],
)
def test_no_probability_is_said_to_be_certain(probability: float, text: str) -> None:
    assert percent(probability) == text


def test_ordinals() -> None:
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 13)] == ["1st", "2nd", "3rd", "4th", "11th", "13th"]
    assert [ordinal(number) for number in (21, 22, 40, 47)] == ["21st", "22nd", "40th", "47th"]


def test_the_story_names_the_row_that_settled_it() -> None:
    trace = trace_of(*"T" * 10, *"7" * 18)
    assert settled_row(trace) == 10
    assert summarise(trace, seen_with_ink(2, 25), CLASSES) == "At first it leaned to T. From row 11 of 28, it says 7."
    assert summarise(trace, seen_with_ink(12, 25), CLASSES) == "From the first row of ink (row 13) on, 7 was the likeliest."


def test_the_row_that_cost_the_lead_is_found() -> None:
    trace = trace_of(*"9" * 12, *"g" * 3, *"9" * 2, *"g" * 11)
    right, chosen = CLASSES.index("9"), CLASSES.index("g")
    assert lost_row(trace, right, chosen, first=2) == 17  # the lead came back once, at rows 15 and 16
    assert lost_row(trace, right, chosen, first=20) is None  # nothing before the ink counts
    assert strongest_row(trace, right, chosen, first=2) in (12, 17)
    assert lost_row(trace, CLASSES.index("A"), chosen, first=2) is None


def test_a_correction_says_rank_probability_and_row() -> None:
    trace = trace_of(*"9" * 12, *"g" * 16)
    trace[-1, CLASSES.index("9")] = 0.3
    seen = seen_with_ink(2, 25)
    told = explain("9", prediction_of(trace, seen), trace, CLASSES)
    assert "<b>9</b> came 2nd of 47, with 30%." in told
    assert "Up to row 12 it was ahead of g" in told
    assert "row 13, marked below, cost it the lead" in told
    assert "look-alikes" in told
    assert told.count('class="hwr-marked"') == 1
    assert "<b>row 13</b>" in told
    assert "came first" in explain("g", prediction_of(trace, seen), trace, CLASSES)
    assert "never ahead" in explain("A", prediction_of(trace, seen), trace, CLASSES)


def test_a_small_letter_that_has_no_class_counts_as_its_capital() -> None:
    trace = trace_of(*"C" * 28)
    told = explain("c", prediction_of(trace, seen_with_ink(2, 25)), trace, CLASSES)
    assert "Small c and capital C count as one here" in told
    assert "came first" in told


@pytest.mark.parametrize("char", ["?", "ab", "", "ß", "é", "<"])
def test_a_correction_that_the_network_does_not_know_is_refused(char: str) -> None:
    trace = trace_of(*"C" * 28)
    with pytest.raises(InputError, match="Type one letter"):
        explain(char, prediction_of(trace, seen_with_ink(2, 25)), trace, CLASSES)


def test_look_alikes_are_pointed_out_in_an_answer() -> None:
    seen = seen_with_ink(2, 25)
    assert "0 and O are look-alikes" in answer(CharPrediction((("0", 0.6), ("O", 0.3)), seen))
    assert "look-alikes" not in answer(CharPrediction((("0", 0.6), ("Q", 0.3)), seen))


def test_the_picture_of_a_reading_shows_every_row() -> None:
    strokes = STROKES["g"]
    told = reading(recognizer().trace(prediction := recognizer().predict_strokes(strokes)), prediction.seen, CLASSES)
    assert told.count("<path") == 7  # six classes and the others
    assert told.count("data-tip=") == 28
    assert 'role="img" aria-label=' in told
