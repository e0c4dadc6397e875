"""What the mode "Character" is made of, and where it stands."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr.ui.character.answer import empty_answer, empty_reading
from hwr.ui.character.handlers import thumbnails
from hwr.ui.inputs import picture_input
from hwr.ui.pad import Greeting, pad


@dataclass(frozen=True)
class View:
    """The components; ``shown`` are those that show what was read, and the memory of it."""

    drawing: gr.HTML
    examples: gr.HTML
    picture: gr.Image
    truth: gr.Textbox
    because: gr.HTML
    last: gr.State
    shown: list[Any]


def lay_out(greeting: Greeting) -> View:
    """Compose the mode inside the current ``gr.Blocks``."""
    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            drawing = pad(
                label="Drawing pad",
                hint="Draw one letter or digit",
                description="Drawing pad for mouse, finger or pen. If you can't draw, choose a picture below.",
                share="recognize/character",
                greeting=greeting,
                elem_id="pad",
                elem_classes="hwr-order-1",
            )
            examples = gr.HTML(
                thumbnails(),
                js_on_load=files("hwr.ui").joinpath("drawings.js").read_text(encoding="utf-8"),
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
    return View(drawing, examples, picture, truth, because, last, [result, story, correction, truth, because, last])
