"""What the mode "Pen" of writing is made of, and where it stands."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr.ink.rendering import TEXT_PAD_SIZE
from hwr.paper.pen_typesetting import PenOptions
from hwr.paper.ruling import PAPERS
from hwr.ui.pad import pad
from hwr.ui.pen.paper import paper
from hwr.ui.writing import MAX_SEED, OWN_PEN_WIDTH

OWN_WORDS = ("quick", "brown", "fox")
"""What visitors are asked to write: letters with and without loops, above the line and below it."""
HAND = 40
"""Of the gallery, that writes until the visitor chooses another."""
GREETING = "Dear reader,\nthis was written by a recurrent network, one pen stroke after another."


@dataclass(frozen=True)
class View:
    """The components.

    Attributes:
        settings: by their names in :class:`hwr.ui.pen.handlers.Settings`.
        page: shows the handwriting; the others stand below it.
    """

    settings: dict[str, Any]
    go: gr.Button
    dice: gr.Button
    gallery: gr.HTML
    page: gr.HTML
    report: gr.HTML
    more: gr.Button
    everything: gr.File
    shown: gr.State


def lay_out(hands: int, empty: str) -> View:
    """Compose the mode inside the current ``gr.Blocks``, for a gallery of so many hands and a paper whose value at first is ``empty``."""
    settings: dict[str, Any] = {}
    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            with gr.Column(elem_classes="hwr-order-1"):
                settings["text"] = gr.Textbox(
                    GREETING,
                    label="Text",
                    info="Type: it is written at once.",
                    lines=4,
                    max_lines=12,
                    max_length=10_000,
                    elem_id="pen-text",
                )
            with gr.Column(elem_classes="hwr-order-3"):
                with gr.Row(equal_height=True, elem_classes="hwr-tight"):
                    settings["style"] = gr.Number(
                        min(HAND, hands - 1), label="Hand", precision=0, minimum=0, maximum=hands - 1, min_width=70, elem_id="pen-style"
                    )
                    settings["seed"] = gr.Number(
                        0, label="Seed", precision=0, minimum=0, maximum=MAX_SEED, min_width=70, elem_id="pen-seed"
                    )
                    dice = gr.Button("Again", min_width=80, elem_id="pen-dice")
                    go = gr.Button("Write", variant="primary", min_width=80, elem_id="pen-go")
                settings["paper"] = gr.Radio(list(PAPERS), value="plain", label="Paper", elem_id="pen-paper")
                gallery = gr.HTML(
                    "",
                    js_on_load=files("hwr.ui.pen").joinpath("hands.js").read_text(encoding="utf-8"),
                    apply_default_css=False,
                    elem_id="pen-gallery",
                )
                _own_hand(settings)
                _between(settings, hands)
                _how(settings)
                _page(settings)
        with gr.Column(elem_classes="hwr-out hwr-order-2 hwr-stays", min_width=280):
            page = paper(empty, elem_id="pen-page")
            report = gr.HTML("", apply_default_css=False, elem_id="pen-report")
            more = gr.Button("All files", interactive=False, elem_id="pen-more")
            everything = gr.File(
                label="SVG, for a plotter, PNG, GIF, JSON, InkML", visible=False, file_count="multiple", elem_id="pen-files"
            )
    return View(settings, go, dice, gallery, page, report, more, everything, gr.State(None))


def _own_hand(settings: dict[str, Any]) -> None:
    with gr.Column(elem_id="pen-invitation", elem_classes="hwr-card"):
        gr.HTML(
            "<h2>Now in your own hand</h2><p>Write these three words, and the page is written as you write:</p>"
            f'<p class="hwr-words">{" ".join(OWN_WORDS)}</p>',
            apply_default_css=False,
        )
        settings["own"] = pad(
            size=TEXT_PAD_SIZE,
            pen_width=OWN_PEN_WIDTH,
            label="Pad for your own hand",
            hint="Write here",
            description="Writing pad for a few words in your own hand.",
            ruled=True,
            elem_id="pen-own",
        )
        with gr.Accordion("Or a file of your ink", open=False):
            settings["upload"] = gr.File(label="SVG, InkML or JSON", file_types=[".svg", ".inkml", ".json"], height=110, elem_id="pen-file")


def _between(settings: dict[str, Any], hands: int) -> None:
    with gr.Accordion("Between two hands", open=False):
        settings["other"] = gr.Number(1, label="Second hand", precision=0, minimum=0, maximum=hands - 1, elem_id="pen-other")
        settings["share_of_other"] = gr.Slider(0, 1, value=0, step=0.05, label="How much of the second hand", elem_id="pen-mix")


def _how(settings: dict[str, Any]) -> None:
    with gr.Accordion("How", open=False):
        settings["neatness"] = gr.Slider(0, 2, value=PenOptions.neatness, step=0.05, label="Neatness", elem_id="pen-neatness")
        settings["looseness"] = gr.Slider(0, 1, value=0, step=0.05, label="Haste")
        settings["slant"] = gr.Slider(-0.6, 0.6, value=0, step=0.05, label="Slant")
        settings["size"] = gr.Slider(10, 60, value=24, step=1, label="Size (height of small letters, pixels)")
        settings["letter_spacing"] = gr.Slider(-0.1, 0.6, value=0, step=0.02, label="Letter spacing")
        settings["drift"] = gr.Slider(0, 0.2, value=0.03, step=0.01, label="Wandering of the line")
        settings["pen_width"] = gr.Slider(0.5, 10, value=2.6, step=0.1, label="Pen width (pixels)")
        settings["pressure"] = gr.Slider(0, 1, value=0, step=0.05, label="Pressure", elem_id="pen-pressure")


def _page(settings: dict[str, Any]) -> None:
    with gr.Accordion("Page", open=False):
        with gr.Row():
            settings["ink_color"] = gr.ColorPicker("#1c2340", label="Ink")
            settings["paper_color"] = gr.ColorPicker("#ffffff", label="Paper colour")
        settings["verify"] = gr.Checkbox(True, label="Read back", info="Words that can't be read as meant are written again.")
