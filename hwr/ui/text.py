"""The mode "Text": write a word or a line, or photograph a page, and see what stands there, where, and how it was read."""

import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import gradio as gr
from PIL import Image

from hwr import ink
from hwr.errors import InputError
from hwr.images import load_image
from hwr.predictors.ink import InkReader
from hwr.predictors.strokes import StrokesReader
from hwr.predictors.text import TextReader
from hwr.ui.answer import problem
from hwr.ui.guard import endpoint, image_parameter, list_of, object_of, uploaded_path
from hwr.ui.inputs import Updates, picture_input, read_latest
from hwr.ui.pad import pad, to_value
from hwr.ui.transcript import boxes, empty_strips, empty_transcript, strips, transcript

MAX_WORDS_CHARACTERS = 100_000


@cache
def _examples() -> list[dict[str, Any]]:
    return json.loads(files("hwr.ui").joinpath("text_examples.json").read_text(encoding="utf-8"))


def _thumbnails() -> str:
    """The examples as buttons with their strokes drawn in them."""
    size = f'viewBox="0 0 {ink.TEXT_PAD_SIZE[0]} {ink.TEXT_PAD_SIZE[1]}" stroke-width="{2 * ink.TEXT_PEN_WIDTH:g}"'
    buttons = []
    for index, example in enumerate(_examples()):
        drawing = "".join(f'<polyline points="{" ".join(f"{x},{y}" for x, y, _ in stroke)}"/>' for stroke in example["strokes"])
        name = escape(f"Example {example['text']}")
        buttons.append(
            f'<button type="button" data-index="{index}" aria-label="{name}"><svg {size} aria-hidden="true">{drawing}</svg></button>'
        )
    return f'<div class="hwr-examples hwr-wide" role="group" aria-label="Examples">{"".join(buttons)}</div>'


def build(reader: TextReader, ink_reader: InkReader, share: dict[str, Any]) -> None:
    """Compose the mode inside the current ``gr.Blocks``.

    Args:
        reader: reads the text.
        ink_reader: reads what is written on the pad as well, by its strokes.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    both = StrokesReader(reader, ink_reader)
    quiet = {"api_visibility": "private", "show_progress": "minimal", "trigger_mode": "always_last", "preprocess": False} | share
    with gr.Column(elem_classes="hwr-stack"):
        drawing = pad(
            size=ink.TEXT_PAD_SIZE,
            pen_width=ink.TEXT_PEN_WIDTH,
            label="Writing pad",
            hint="Write a word or a line",
            description="Writing pad for mouse, finger or pen. If you can't write here, choose a picture below.",
            elem_id="text-pad",
        )
        result = gr.HTML(
            empty_transcript(),
            js_on_load=files("hwr.ui").joinpath("text.js").read_text(encoding="utf-8"),
            apply_default_css=False,
            elem_id="transcript",
        )
        with gr.Row(elem_classes="hwr-settings"):
            examples = gr.HTML(
                _thumbnails(),
                js_on_load=files("hwr.ui").joinpath("examples.js").read_text(encoding="utf-8"),
                apply_default_css=False,
                elem_id="text-examples",
            )
            picture = picture_input("Drop a photo of a note, a line or a word, or click to choose", "text-picture", "")
            with gr.Column(min_width=220):
                language_model = gr.Checkbox(
                    True, label="Language model", info="Unclear letters are read as they are likely in words.", elem_id="language-model"
                )
                words = gr.Textbox(
                    label="Only these words",
                    info="Names, a vocabulary: separated by commas or spaces. Empty for anything.",
                    max_length=MAX_WORDS_CHARACTERS,
                    lines=1,
                    elem_id="words",
                )
        page = gr.HTML("", apply_default_css=False, elem_id="page")
        story = gr.HTML(empty_strips(), apply_default_css=False, elem_id="spikes")
    shown = [result, page, story]

    def nothing(words: str = "") -> Updates:
        return [problem(words) if words else empty_transcript(), "", empty_strips()]

    def read(source: Any, language_model: Any, words: Any) -> Updates:
        image = load_image(source)
        found = reader.read(image, language_model=bool(language_model), words=str(words or ""))
        return [transcript(found), boxes(found, image), strips(found.lines, reader.charset)]

    def read_strokes(strokes: list[Any], language_model: Any, words: Any) -> Updates:
        found, picture = both.read(strokes, language_model=bool(language_model), words=str(words or ""))
        return [transcript(found), boxes(found, Image.fromarray(picture)), strips(found.lines, reader.charset)]

    def on_example(event: gr.EventData, language_model: Any, words: Any) -> Updates:
        index = event.index if isinstance(event.index, int) and 0 <= event.index < len(_examples()) else 0
        strokes = _examples()[index]["strokes"]
        return [*read_strokes(strokes, language_model, words), to_value(strokes), None]

    settings = [language_model, words]
    read_latest(drawing, picture, shown, read_strokes=read_strokes, read_picture=read, nothing=nothing, settings=settings, **quiet)
    examples.select(on_example, settings, [*shown, drawing, picture], **quiet)
    _endpoint(reader, share)


def _endpoint(reader: TextReader, share: dict[str, Any]) -> None:
    """The endpoint for programs. Its parameters are components that the page does not show."""
    image = image_parameter("Image file of a page, a line or a word")
    language_model = gr.Checkbox(True, label="Let the language model help", visible=False)
    words = gr.Textbox("", label="The only words that can be read, separated by commas or spaces; empty for anything", visible=False)
    result = gr.JSON(label="Result", visible=False)
    character = object_of(char="string", confidence="number", x0="number", x1="number")
    line = object_of(
        box=list_of({"type": "integer"}),
        text="string",
        confidence="number",
        characters=list_of(character),
        alternatives=list_of(object_of(text="string", confidence="number")),
    )
    result.api_info = lambda: object_of(text="string", confidence="number", lines=list_of(line))

    def read_text(image: dict[str, Any], language_model: bool = True, words: str = "") -> dict[str, Any]:
        if not isinstance(language_model, bool):
            raise InputError("language_model must be true or false.")
        if not isinstance(words, str) or len(words) > MAX_WORDS_CHARACTERS:
            raise InputError(f"words must be a text of at most {MAX_WORDS_CHARACTERS:,} characters.")
        return reader.read(uploaded_path(image), language_model=language_model, words=words).export()

    gr.Button(visible=False).click(
        endpoint(read_text),
        [image, language_model, words],
        result,
        api_name="read_text",
        api_description="Read a handwritten page, line or word from an image file (PNG, JPEG, WebP, GIF, BMP, TIFF): the text, and each "
        "line with its box, its characters and other readings.",
        preprocess=False,
        **share,
    )
