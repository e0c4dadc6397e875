"""What the mode "Pixels" of writing is made of, and where it stands."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr.ink.rendering import TEXT_PAD_SIZE
from hwr.paper.ruling import PAPERS
from hwr.ui.inputs import picture_input
from hwr.ui.pad import pad
from hwr.ui.writing import MAX_SEED, OWN_PEN_WIDTH

GREETING = "The quick brown fox\njumps over 13 lazy dogs."
SEED = 7
"""What is drawn at first: ``benchmarks/page_examples.py`` makes ``example.png`` of it."""


@dataclass(frozen=True)
class View:
    """The components.

    Attributes:
        settings: by their names in :class:`hwr.ui.pixels.handlers.Settings`.
        picture: shows the handwriting; the others stand below it.
    """

    settings: dict[str, Any]
    go: gr.Button
    dice: gr.Button
    picture: gr.Image
    report: gr.HTML
    save: gr.DownloadButton
    watch: gr.Button
    animation: gr.Image
    last: gr.State


def lay_out(temperature: float) -> View:
    """Compose the mode inside the current ``gr.Blocks``; ``temperature`` is the network's own."""
    settings: dict[str, Any] = {}
    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            with gr.Column(elem_classes="hwr-order-1"):
                settings["text"] = gr.Textbox(GREETING, label="Text", lines=4, max_lines=12, max_length=10_000, elem_id="pixels-text")
                with gr.Row(equal_height=True, elem_classes="hwr-tight"):
                    settings["seed"] = gr.Number(SEED, label="Hand (seed)", precision=0, minimum=0, maximum=MAX_SEED, elem_id="pixels-seed")
                    dice = gr.Button("Another hand", elem_id="pixels-dice")
                go = gr.Button("Write", variant="primary", elem_id="pixels-go")
            _controls(settings, temperature)
        with gr.Column(elem_classes="hwr-out hwr-order-2", min_width=280):
            picture = gr.Image(
                str(files("hwr.ui.pixels").joinpath("example.png")),
                label="Handwriting",
                show_label=False,
                type="filepath",
                interactive=False,
                format="png",
                buttons=["fullscreen"],
                elem_id="pixels-picture",
            )
            report = gr.HTML("", apply_default_css=False, elem_id="pixels-report")
            with gr.Row():
                save = gr.DownloadButton("Download PNG", interactive=False, elem_id="pixels-save")
                watch = gr.Button("Watch it being drawn", interactive=False, elem_id="pixels-watch")
            animation = gr.Image(
                label="Row by row",
                show_label=False,
                type="filepath",
                interactive=False,
                visible=False,
                buttons=["download"],
                elem_id="pixels-animation",
            )
    return View(settings, go, dice, picture, report, save, watch, animation, gr.State(None))


def _controls(settings: dict[str, Any], temperature: float) -> None:
    with gr.Column(elem_classes="hwr-order-3"):
        settings["temperature"] = gr.Slider(
            0.3,
            1.3,
            value=temperature,
            step=0.05,
            label="Temperature",
            info="Less is neater.",
            elem_id="pixels-temperature",
        )
        with gr.Accordion("My own hand", open=False):
            settings["own"] = pad(
                size=TEXT_PAD_SIZE,
                pen_width=OWN_PEN_WIDTH,
                label="Pad for your own hand",
                hint="Write a few letters, well apart: a n e 4 R",
                description="Writing pad for a few letters in your own hand.",
                elem_id="pixels-own",
            )
            settings["photo"] = picture_input("Or a photo of a few letters that stand apart", "pixels-photo", "")
        with gr.Accordion("Page", open=False):
            settings["size"] = gr.Slider(10, 60, value=24, step=1, label="Size (height of an x, pixels)")
            settings["paper"] = gr.Radio(list(PAPERS), value="plain", label="Paper", elem_id="pixels-paper")
            with gr.Row():
                settings["ink_color"] = gr.ColorPicker("#1c2340", label="Ink")
                settings["paper_color"] = gr.ColorPicker("#ffffff", label="Paper colour")
            settings["verify"] = gr.Checkbox(True, label="Read back", info="What can't be read as meant is drawn again.")
