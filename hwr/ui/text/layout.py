"""What the mode "Text" is made of, and where it stands."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr.ink.rendering import TEXT_PAD_SIZE, TEXT_PEN_WIDTH
from hwr.ui.inputs import picture_input
from hwr.ui.pad import Greeting, pad
from hwr.ui.text.document import document_input
from hwr.ui.text.handlers import MAX_WORDS_CHARACTERS, thumbnails
from hwr.ui.text.transcript import empty_strips, empty_transcript


@dataclass(frozen=True)
class View:
    """The components.

    Attributes:
        shown: those that show what was read: ``transcript``, ``page``, the strips, ``last``, ``more``, ``everything``.
        transcript: the text.
        page: the pictures of the pages with their lines.
        last: the memory of what was read.
        more: makes ``everything``, the files of all formats.
    """

    drawing: gr.HTML
    examples: gr.HTML
    picture: gr.Image
    document: gr.HTML
    settings: dict[str, Any]
    shown: list[Any]
    transcript: gr.HTML
    page: gr.HTML
    last: gr.State
    more: gr.Button
    everything: gr.File


def lay_out(greeting: Greeting) -> View:
    """Compose the mode inside the current ``gr.Blocks``."""
    settings: dict[str, Any] = {}
    with gr.Column(elem_classes="hwr-stack"):
        drawing = pad(
            size=TEXT_PAD_SIZE,
            pen_width=TEXT_PEN_WIDTH,
            label="Writing pad",
            hint="Your turn: write a word or a line here",
            description="Writing pad for mouse, finger or pen. If you can't write here, choose a picture below.",
            ruled=True,
            share="recognize/text",
            greeting=greeting,
            elem_id="text-pad",
        )
        transcript = gr.HTML(
            empty_transcript(), js_on_load=_script("transcript.js", "hwr.ui.text"), apply_default_css=False, elem_id="transcript"
        )
        story = gr.HTML(empty_strips(), apply_default_css=False, elem_id="spikes")
        with gr.Row(elem_classes="hwr-settings"):
            examples = gr.HTML(thumbnails(), js_on_load=_script("drawings.js", "hwr.ui"), apply_default_css=False, elem_id="text-examples")
            with gr.Column(min_width=220):
                picture = picture_input("Drop a photo of a page, a line or a word, or click to choose", "text-picture", "")
                document = document_input("text-document")
            with gr.Column(min_width=220):
                settings["language_model"] = gr.Checkbox(
                    True, label="Language model", info="Unclear letters are read as they are likely in words.", elem_id="language-model"
                )
                settings["words"] = gr.Textbox(
                    label="Only these words",
                    info="Names, a vocabulary: separated by commas or spaces. Empty for anything.",
                    max_length=MAX_WORDS_CHARACTERS,
                    lines=1,
                    elem_id="words",
                )
        page = gr.HTML("", js_on_load=_script("lines.js", "hwr.ui.text"), apply_default_css=False, elem_id="page")
        more = gr.Button("Files in all formats", interactive=False, elem_id="text-more")
        everything = gr.File(
            label="Text, Markdown, JSON, ALTO, PAGE-XML, hOCR, searchable PDF", visible=False, file_count="multiple", elem_id="text-files"
        )
    last = gr.State(None)
    shown = [transcript, page, story, last, more, everything]
    return View(drawing, examples, picture, document, settings, shown, transcript, page, last, more, everything)


def _script(name: str, room: str) -> str:
    return files(room).joinpath(name).read_text(encoding="utf-8")
