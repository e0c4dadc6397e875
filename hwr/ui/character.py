"""The mode "Character": draw or upload one character, see what it is, how sure the network is, and how it read."""

import json
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import gradio as gr
import numpy as np

from hwr import ink
from hwr.errors import InputError
from hwr.predictors.char import CharPrediction, CharRecognizer
from hwr.ui.answer import answer, card, empty_answer, empty_reading, explain, problem
from hwr.ui.guard import endpoint, image_parameter, list_of, object_of, sentence, uploaded_path
from hwr.ui.inputs import Updates, picture_input, read_latest
from hwr.ui.pad import pad, to_value
from hwr.ui.reading import reading

TOP_K = 5
"""Default number of candidates that the endpoints return."""


@dataclass(frozen=True)
class Read:
    """What a session remembers of the last character, for corrections."""

    prediction: CharPrediction  # with all classes
    trace: np.ndarray  # (28, 47)


@cache
def _examples() -> list[dict[str, Any]]:
    return json.loads(files("hwr.ui").joinpath("examples.json").read_text(encoding="utf-8"))


def _thumbnails() -> str:
    """The examples as buttons with their strokes drawn in them."""
    size = f'viewBox="0 0 {ink.PAD_SIZE[0]} {ink.PAD_SIZE[1]}" stroke-width="{ink.PEN_WIDTH:g}"'
    buttons = []
    for index, example in enumerate(_examples()):
        lines = [" ".join(f"{x},{y}" for x, y, _ in stroke) for stroke in example["strokes"]]
        drawing = "".join(f'<polyline points="{line}"/>' for line in lines)
        name = escape(f"Example {example['char']}")
        buttons.append(
            f'<button type="button" data-index="{index}" aria-label="{name}"><svg {size} aria-hidden="true">{drawing}</svg></button>'
        )
    return f'<div class="hwr-examples" role="group" aria-label="Examples">{"".join(buttons)}</div>'


def build(recognizer: CharRecognizer, share: dict[str, Any]) -> None:
    """Compose the tab inside the current ``gr.Blocks``.

    Args:
        recognizer: reads the characters.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    everything = len(recognizer.classes)
    quiet = {"api_visibility": "private", "show_progress": "hidden", "trigger_mode": "always_last", "preprocess": False} | share

    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            drawing = pad(
                label="Drawing pad",
                hint="Draw one letter or digit",
                description="Drawing pad for mouse, finger or pen. If you can't draw, choose a picture below.",
                elem_id="pad",
                elem_classes="hwr-order-1",
            )
            examples = gr.HTML(
                _thumbnails(),
                js_on_load=files("hwr.ui").joinpath("examples.js").read_text(encoding="utf-8"),
                apply_default_css=False,
                elem_id="examples",
                elem_classes="hwr-order-3",
            )
            picture = picture_input("Drop a picture of one character, or click to choose", "picture", "hwr-order-4")
        with gr.Column(elem_classes="hwr-out", min_width=280):
            result = gr.HTML(empty_answer(), apply_default_css=False, elem_id="answer", elem_classes="hwr-order-2")
            story = gr.HTML(empty_reading(), apply_default_css=False, elem_id="reading", elem_classes="hwr-order-5")
            with gr.Column(visible=False, elem_id="correction", elem_classes="hwr-order-6 hwr-card") as correction:
                truth = gr.Textbox(
                    label="That was wrong, it is …",
                    info="Type the right letter or digit to see where it ranked, and why. Nothing is stored.",
                    max_length=1,
                    max_lines=1,
                    html_attributes=gr.InputHTMLAttributes(autocapitalize="off", autocorrect="off", autocomplete="off", spellcheck=False),
                    elem_id="truth",
                )
                because = gr.HTML("", apply_default_css=False, elem_id="because")
    last = gr.State(None)

    shown = [result, story, correction, truth, because, last]

    def nothing(words: str = "") -> Updates:
        return [problem(words) if words else empty_answer(), empty_reading(), gr.update(visible=False), "", "", None]

    def told(prediction: CharPrediction) -> Updates:
        found = Read(prediction, recognizer.trace(prediction))
        story = card(reading(found.trace, prediction.seen, recognizer.classes), kind="hwr-reading", title="How it was read")
        return [answer(prediction), story, gr.update(visible=True), "", "", found]

    def read_strokes(strokes: list[Any]) -> Updates:
        return told(recognizer.predict_strokes(strokes, top_k=everything))

    def read_picture(path: str) -> Updates:
        return told(recognizer.predict(path, top_k=everything))

    def on_example(event: gr.EventData) -> Updates:
        index = event.index if isinstance(event.index, int) and 0 <= event.index < len(_examples()) else 0  # it comes from a browser
        strokes = _examples()[index]["strokes"]
        return [*read_strokes(strokes), to_value(strokes), None]

    def on_truth(char: str, read_last: Read | None) -> str:
        if not char or not char.strip() or read_last is None:
            return ""
        try:
            return explain(char, read_last.prediction, read_last.trace, recognizer.classes)
        except Exception as error:
            return f'<p role="alert">{escape(sentence(error))}</p>'

    read_latest(drawing, picture, shown, read_strokes=read_strokes, read_picture=read_picture, nothing=nothing, **quiet)
    examples.select(on_example, None, [*shown, drawing, picture], **quiet)
    # Not .input, which Gradio fires at key presses only: soft keyboards and pasting have none.
    truth.change(on_truth, [truth, last], because, **quiet)
    _endpoints(recognizer, share)


def _endpoints(recognizer: CharRecognizer, share: dict[str, Any]) -> None:
    """The two endpoints for programs. Their parameters are components that the page does not show."""
    everything = len(recognizer.classes)
    image = image_parameter("Image file of one character, dark on light or light on dark")
    strokes = gr.JSON(label="List of strokes, each a list of points [x, y] or [x, y, t], y growing downwards", visible=False)
    default = min(TOP_K, everything)
    top_k = gr.Number(default, label=f"How many candidates, 1 to {everything}", precision=0, visible=False)
    result = gr.JSON(label="Result", visible=False)
    # What the API page says of a gr.JSON is "any valid json".
    strokes.api_info = lambda: list_of(list_of(list_of({"type": "number"})))
    strokes.example_payload = lambda: [[[110, 60], [112, 260]], [[60, 160], [160, 158]]]
    result.api_info = lambda: object_of(label="string", confidences=list_of(object_of(label="string", confidence="number")))

    def count(top_k: Any) -> int:
        if isinstance(top_k, bool) or not isinstance(top_k, int | float) or top_k not in range(1, everything + 1):
            raise InputError(f"top_k must be a whole number from 1 to {everything}.")
        return int(top_k)

    def recognize_character(image: dict[str, Any], top_k: int = default) -> dict[str, Any]:
        return recognizer.predict(uploaded_path(image), top_k=count(top_k)).export()

    def recognize_strokes(strokes: list[Any], top_k: int = default) -> dict[str, Any]:
        return recognizer.predict_strokes(strokes, top_k=count(top_k)).export()

    for function, source, what in (
        (recognize_character, image, "an image file of any size (PNG, JPEG, WebP, GIF, BMP, TIFF)"),
        (recognize_strokes, strokes, "pen strokes in any unit"),
    ):
        gr.Button(visible=False).click(
            endpoint(function),
            [source, top_k],
            result,
            api_name=function.__name__,
            api_description=f"Read one handwritten letter or digit from {what}: the likeliest character, and the candidates with their "
            "probabilities, best first.",
            preprocess=False,
            **share,
        )
