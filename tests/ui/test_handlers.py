"""What the page does, without a browser: settings in, updates out."""

import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from app_server import ink_reader, pen_writer, pixel_writer, reader, recognizer
from papers import rebuilt
from PIL import Image
from small_networks import network

from hwr import InputError
from hwr.predictors.strokes import StrokesReader
from hwr.system.deadline import Deadline
from hwr.text.formats import FORMATS
from hwr.ui.character import handlers as character
from hwr.ui.evaluate import handlers as evaluate
from hwr.ui.guard import UNEXPECTED
from hwr.ui.pen import handlers as pen
from hwr.ui.pen.layout import lay_out
from hwr.ui.pixels import handlers as pixels
from hwr.ui.text import handlers as text

PEN = pen.Settings(
    text="over the hills", style=3, other=1, share_of_other=0, own="[]", upload=None, neatness=0.5, looseness=0, slant=0, size=24,
    letter_spacing=0, drift=0.03, pen_width=2.6, pressure=0, seed=0, paper="plain", ink_color="rgba(28, 35, 64, 1)", paper_color="#ffffff",
    verify=False,
)  # fmt: skip
PIXELS = pixels.Settings(
    text="ab", seed=7, temperature=1, own="[]", photo=None, size=24, paper="ruled", ink_color="navy", paper_color="#fff", verify=False
)
EVALUATE = evaluate.Settings(archive=None, ready="", dataset="", model="char-best", against="", labels="auto", limit=20)


@dataclass
class Chosen:
    """What a click on an example says."""

    index: Any


def is_refusal(html: str) -> bool:
    return 'role="alert"' in html and UNEXPECTED not in html


def test_the_controls_of_the_page_are_the_settings_of_its_handlers() -> None:
    with gr.Blocks():
        assert set(lay_out(100, "{}").settings) == set(PEN.__dataclass_fields__)


def test_a_text_is_written_in_the_hand_that_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    handlers = pen.Handlers(pen_writer())
    steps = list(handlers.write(PEN, None))
    last = steps[-1]
    ink = last[-1].ink
    assert ink.to_svg() == pen_writer().write("over the hills", style=3, verify=False, stroke_width=2.6).to_svg()
    assert rebuilt([step[0] for step in steps]) == ink.to_svg()
    assert "3 words" in last[1]
    assert {Path(name).suffix for name in handlers.all_files(last[-1])["value"]} == {".svg", ".png", ".gif", ".json", ".inkml"}
    assert handlers.specimens("over").count("<button") == len(pen_writer().gallery)
    assert handlers.specimens("  ") == handlers.specimens("\u65e5") == handlers.specimens(None) != handlers.specimens("over")


NO_UPLOAD = {"path": "/etc/passwd"}


@pytest.mark.parametrize(
    "change", [{"text": ""}, {"style": 1.5}, {"style": None}, {"paper_color": "none of these"}, {"own": "{"}, {"upload": NO_UPLOAD}]
)
def test_what_can_not_be_written_is_said(change: dict[str, Any]) -> None:
    (update,) = pen.Handlers(pen_writer()).write(replace(PEN, **change), None)
    assert is_refusal(update[1])


@pytest.mark.parametrize("index", [5, -1, 10**9, "5", None])
def test_whatever_a_browser_says_was_picked_is_a_hand_or_the_first(index: Any) -> None:
    style, share, own, upload = pen.Handlers(pen_writer()).pick(Chosen(index))  # ty: ignore[invalid-argument-type]
    assert style == (5 if index == 5 else 0)
    assert (share, own, upload) == (0, "[]", None)


def test_pixels_are_drawn_and_what_can_not_be_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    handlers = pixels.Handlers(pixel_writer())
    written = handlers.write(PIXELS, None)
    assert Path(written[0]).exists()
    assert len(written[-1].written.glyphs) == 2
    assert handlers.write(PIXELS, written[-1]) == [gr.skip()] * 6  # it is there already
    for change in ({"text": "  "}, {"seed": 0.5}, {"paper": "sand"}, {"photo": {"path": "/etc/passwd"}}):
        assert is_refusal(handlers.write(replace(PIXELS, **change), None)[1])


def test_an_example_is_read_and_corrected() -> None:
    handlers = character.Handlers(recognizer())
    answer, story, *_, found, drawing, picture = handlers.example(Chosen(0))  # ty: ignore[invalid-argument-type]
    assert character.examples()[0]["char"] in answer
    assert "hwr-reading" in story
    assert picture is None
    assert drawing.startswith("[")
    assert "came" in handlers.correct("w", found)
    assert is_refusal(handlers.correct("§", found))
    assert handlers.correct("", found) == handlers.correct("a", None) == ""


def text_handlers() -> text.Handlers:
    return text.Handlers(reader(), StrokesReader(reader(), ink_reader()))


@dataclass
class Corrected:
    """What the page says of lines that were corrected."""

    _data: Any


def test_a_word_on_the_pad_is_read() -> None:
    example = text.examples()[0]
    said, page, spikes, last, *_ = text_handlers().read_strokes(example["strokes"], True, "")
    assert example["text"] in said
    assert "<polygon" in page
    assert "hwr-strip" in spikes
    assert last.document.text == example["text"]


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of two written pages with an empty one between them."""
    first, second = (pen_writer().write(text, style=3, seed=1, width=700).to_image(scale=2) for text in ("over the hill", "by the sea"))
    path = tmp_path_factory.mktemp("letters") / "letter.pdf"
    first.save(path, save_all=True, append_images=[Image.new("RGB", (800, 300), "white"), second], resolution=144)
    return path


def test_a_document_is_shown_as_it_is_read(letter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_PATIENCE", 0)
    *steps, (said, pages, _, last, more, _) = text_handlers().read_file(str(letter), True, "")
    expected = reader().read_document(letter)
    assert last.document.text == expected.text
    assert 'role="alert"' not in said
    assert said.count("<h3>") == 3
    assert pages.count("<img") == 3
    assert pages.count("<polygon") == len(expected.lines)
    assert more["interactive"]
    assert "Reading page 1 of 3" in steps[0][0]
    assert all("<progress" in step[0] for step in steps)
    assert steps[0][1] == ""  # what was read before is gone
    assert steps[0][3] is None
    shares = [float(re.search(r'value="([\d.]+)"', step[0])[1]) for step in steps]
    assert shares == sorted(shares)


def test_corrections_go_into_the_files(letter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    handlers = text_handlers()
    *_, (_, _, _, last, _, _) = handlers.read_file(str(letter), True, "")
    count = len(last.document.lines)
    said, changed, files = handlers.correct(Corrected({"lines": {"0": "<first>", str(count - 1): "last words"}}), last)
    assert "&lt;first&gt;" in said
    assert said.count("corrected by you") == 2
    assert files["visible"] is False
    assert last.texts == {}
    written = [Path(path) for path in handlers.all_files(changed)["value"]]
    assert {path.name.partition(".")[2] for path in written} == {known.ending[1:] for known in FORMATS.values()}
    assert sum(path.name.endswith(".page.xml") for path in written) == 3
    for path in written:
        if path.suffix != ".pdf" and not re.match(r"letter-\d", path.name):
            assert "first" in path.read_text()
    undone, _, _ = handlers.correct(Corrected({"lines": {}}), changed)
    assert "corrected by you" not in undone


@pytest.mark.parametrize(
    "said", [None, 5, {}, {"lines": None}, {"lines": ["a"]}, {"lines": {"x": "a"}}, {"lines": {"0": 5}}, {"lines": {"99": "a"}},
             {"lines": {"-1": "a"}}, {"lines": {"0": "a" * 200_000}}, {"lines": {"9" * 50: "a"}}, {"lines": {"²": "a"}}]
)  # fmt: skip
def test_corrections_that_are_none_are_a_sentence(said: Any) -> None:
    handlers = text_handlers()
    example = text.examples()[0]
    _, _, _, last, *_ = handlers.read_strokes(example["strokes"], True, "")
    told, kept, _ = handlers.correct(Corrected(said), last)
    assert is_refusal(told)
    assert kept == last
    assert handlers.correct(Corrected(said), None) == [gr.skip()] * 3
    assert handlers.all_files(None)["visible"] is False


def test_a_ready_set_is_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    handlers = evaluate.Handlers(recognizer(), reader())
    *_, last = handlers.evaluate(replace(EVALUATE, ready=next(iter(evaluate.READY))))
    assert len(last) == evaluate.COMPONENTS
    assert "20 characters" in last[0]
    assert handlers.show_map(last[-1], ["A"], True)["value"] is not None
    *_, nothing = handlers.evaluate(EVALUATE)
    assert is_refusal(nothing[0])


def test_no_folder_of_the_server_is_a_visitors_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "x"
    network().save_pretrained(folder)
    handlers = evaluate.Handlers(recognizer(), reader())
    for name in ("runs/x", str(folder), "pen-best", "weights/char-best", "../x", ""):
        with pytest.raises(InputError):
            handlers.model_of(name)
    assert handlers.model_of("char-reference") is handlers.model_of("char-reference")


def test_the_models_that_were_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(name: str) -> Any:
        assert len(handlers._models) < evaluate.KEPT  # never more than that at once
        loaded.append(name)
        return object()

    handlers = evaluate.Handlers(recognizer(), reader())
    monkeypatch.setattr(evaluate.CharRecognizer, "from_pretrained", load)
    for name in ("a/1", "a/2", "a/1", "a/3", "a/1", "a/2"):
        assert handlers.model_of(name) is handlers.model_of(name)
    assert loaded == ["a/1", "a/2", "a/3", "a/2"]


def test_evaluations_take_turns_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    handlers = evaluate.Handlers(recognizer(), reader())
    chosen = replace(EVALUATE, ready=next(iter(evaluate.READY)))
    first, second = handlers.evaluate(chosen), handlers.evaluate(chosen)
    assert "Opening" in next(first)[0]
    assert "Another evaluation is running" in next(second)[0]
    first.close()  # whoever cancels makes room
    assert "Opening" in next(second)[0]
    third = handlers.evaluate(EVALUATE)
    assert "Another evaluation is running" in next(third)[0]
    third.close()  # whoever waits no more takes no turn
    *_, last = second
    assert "20 characters" in last[0]
    assert is_refusal(list(handlers.evaluate(EVALUATE))[-1][0])  # and an error makes room as well
    assert "Opening" in next(handlers.evaluate(chosen))[0]


def test_a_page_that_grows_sends_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    steps = list(pen.Handlers(pen_writer()).write(replace(PEN, text="words of a letter " * 12, paper="ruled"), None))
    assert len(steps) >= 4
    strokes = len(steps[-1][-1].ink.strokes)
    assert sum(len(json.loads(step[0])["paths"]) for step in steps) == strokes  # each once
    assert rebuilt([step[0] for step in steps]) == steps[-1][-1].ink.to_svg()


def test_what_was_written_in_time_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    limit = Deadline(math.inf)
    steps = limit.around(pen.Handlers(pen_writer()).write(replace(PEN, text="words of a letter " * 30), None))
    next(steps)
    limit._ends = -math.inf
    *_, last = steps
    assert "Only the first 2 of 120 words" in last[1]
    assert last[-1].ink.report.words == 2
    assert json.loads(last[0])["head"].startswith("<svg")
