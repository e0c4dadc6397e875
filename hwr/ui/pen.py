"""The mode "Pen" of writing: a text as pen strokes, in a hand of the gallery, between two, or in the visitor's own."""

import random
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import gradio as gr
import numpy as np

from hwr import ink
from hwr.errors import InputError
from hwr.layout import PAPERS
from hwr.pen_moves import strokes_of
from hwr.predictors.pen import NEATNESS, PenWriter
from hwr.ui.guard import endpoint, list_of, object_of, sentence, uploaded_path
from hwr.ui.outputs import handed_out
from hwr.ui.pad import from_value, pad
from hwr.ui.writing import MAX_SEED, OWN_PEN_WIDTH, css_colour, refused, told, whole
from hwr.written import Ink

GREETING = "Dear reader,\nthis was written by a recurrent network, one pen stroke after another."
SPECIMEN = "hand"
"""What the hands of the gallery show."""


def _files(written: Ink) -> list[str]:
    """The text as files of every kind."""
    return [
        handed_out("handwriting.svg", written.save),
        handed_out("plotter.svg", lambda path: written.save(path, single_line=True)),
        handed_out("handwriting.png", written.save),
        handed_out("handwriting.gif", written.save),
        handed_out("handwriting.json", written.save),
        handed_out("handwriting.inkml", written.save),
    ]


def _shown(svg: str) -> str:
    """A page for the page: SVG of numbers alone, whose only text is an escaped title."""
    return f'<div class="hwr-sheet" role="img" aria-label="Handwriting">{svg}</div>'


def gallery_of(writer: PenWriter) -> str:
    """Buttons that show a word in each hand of the gallery."""
    styles = np.stack([hand.style for hand in writer.gallery])
    buttons = []
    for index, (hand, written) in enumerate(zip(writer.gallery, writer.sample([SPECIMEN] * len(styles), styles), strict=True)):
        strokes = strokes_of(written.path)[0]
        points = np.concatenate(strokes)
        low, extent = points.min(0) - 0.15, np.ptp(points, axis=0) + 0.3
        lines = "".join(f'<polyline points="{" ".join(f"{x:.2f},{y:.2f}" for x, y in stroke)}"/>' for stroke in strokes)
        box = f"{low[0]:.2f} {low[1]:.2f} {extent[0]:.2f} {extent[1]:.2f}"
        buttons.append(
            f'<button type="button" data-index="{index}" aria-label="{escape(hand.name)}" title="{escape(hand.name)}">'
            f'<svg viewBox="{box}" stroke-width="0.12" aria-hidden="true">{lines}</svg></button>'
        )
    return f'<div class="hwr-examples hwr-hands" role="group" aria-label="Hands">{"".join(buttons)}</div>'


def build(writer: PenWriter, tab: gr.Tab, share: dict[str, Any]) -> None:
    """Compose the mode inside the current ``gr.Blocks``.

    Args:
        writer: writes the text.
        tab: whose opening fills the gallery.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    hands = len(writer.gallery)
    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            with gr.Column(elem_classes="hwr-order-1"):
                text = gr.Textbox(GREETING, label="Text", lines=4, max_lines=12, max_length=10_000, elem_id="pen-text")
                go = gr.Button("Write", variant="primary", elem_id="pen-go")
            with gr.Column(elem_classes="hwr-order-3"):
                with gr.Accordion("Hands", open=True):
                    gallery = gr.HTML(
                        "",
                        js_on_load=files("hwr.ui").joinpath("examples.js").read_text(encoding="utf-8"),
                        apply_default_css=False,
                        elem_id="pen-gallery",
                    )
                    with gr.Row(equal_height=True):
                        style = gr.Number(0, label="Hand", precision=0, minimum=0, maximum=hands - 1, elem_id="pen-style")
                        other = gr.Number(1, label="Second hand", precision=0, minimum=0, maximum=hands - 1, elem_id="pen-other")
                    share_of_other = gr.Slider(0, 1, value=0, step=0.05, label="How much of the second hand", elem_id="pen-mix")
                with gr.Accordion("My own hand", open=False):
                    own = pad(
                        size=ink.TEXT_PAD_SIZE,
                        pen_width=OWN_PEN_WIDTH,
                        label="Pad for your own hand",
                        hint="Write a few words",
                        description="Writing pad for a few words in your own hand.",
                        elem_id="pen-own",
                    )
                    upload = gr.File(
                        label="Or your ink: SVG, InkML or JSON", file_types=[".svg", ".inkml", ".json"], height=110, elem_id="pen-file"
                    )
                with gr.Accordion("How", open=False):
                    neatness = gr.Slider(0, 2, value=NEATNESS, step=0.05, label="Neatness", elem_id="pen-neatness")
                    looseness = gr.Slider(0, 1, value=0, step=0.05, label="Haste")
                    slant = gr.Slider(-0.6, 0.6, value=0, step=0.05, label="Slant")
                    size = gr.Slider(10, 60, value=24, step=1, label="Size (height of small letters, pixels)")
                    letter_spacing = gr.Slider(-0.1, 0.6, value=0, step=0.02, label="Letter spacing")
                    drift = gr.Slider(0, 0.2, value=0.03, step=0.01, label="Wandering of the line")
                    pen_width = gr.Slider(0.5, 10, value=2.6, step=0.1, label="Pen width (pixels)")
                    pressure = gr.Slider(0, 1, value=0, step=0.05, label="Pressure", elem_id="pen-pressure")
                    seed = gr.Number(0, label="Seed", precision=0, minimum=0, maximum=MAX_SEED, elem_id="pen-seed")
                    dice = gr.Button("Once more", elem_id="pen-dice")
                with gr.Accordion("Page", open=False):
                    paper = gr.Radio(list(PAPERS), value="plain", label="Paper", elem_id="pen-paper")
                    with gr.Row():
                        ink_color = gr.ColorPicker("#1c2340", label="Ink")
                        paper_color = gr.ColorPicker("#ffffff", label="Paper colour")
                    verify = gr.Checkbox(True, label="Read back", info="Words that can't be read as meant are written again.")
        with gr.Column(elem_classes="hwr-out hwr-order-2", min_width=280):
            page = gr.HTML("", apply_default_css=False, elem_id="pen-page")
            report = gr.HTML("", apply_default_css=False, elem_id="pen-report")
            with gr.Row():
                save = gr.DownloadButton("Download SVG", interactive=False, elem_id="pen-save")
                watch = gr.Button("Watch it being written", interactive=False, elem_id="pen-watch")
                more = gr.Button("All files", interactive=False, elem_id="pen-more")
            everything = gr.File(
                label="SVG, for a plotter, PNG, GIF, JSON, InkML", visible=False, file_count="multiple", elem_id="pen-files"
            )
    last = gr.State(None)
    shown = [page, report, save, watch, more, everything, last]
    settings = [text, style, other, share_of_other, own, upload, neatness, looseness, slant, size, letter_spacing, drift, pen_width]
    settings += [pressure, seed, paper, ink_color, paper_color, verify]

    def hand_of(style: Any, other: Any, share_of_other: Any, own: Any, upload: Any) -> int | np.ndarray:
        strokes = from_value(own)
        if upload:
            return writer.encode(uploaded_path(upload))
        if strokes:
            return writer.encode(strokes)
        if share_of_other:
            return writer.mix(whole(style, "hand"), whole(other, "second hand"), float(share_of_other))
        return whole(style, "hand")

    def write(*values: Any) -> Iterator[list[Any]]:
        (text, style, other, share_of_other, own, upload, neatness, looseness, slant, size, letter_spacing, drift, pen_width) = values[:13]
        pressure, seed, paper, ink_color, paper_color, verify = values[13:]
        waiting = [gr.skip()] * 5
        try:
            steps = writer.stream(
                text,
                style=hand_of(style, other, share_of_other, own, upload),
                neatness=neatness,
                looseness=looseness,
                slant=slant,
                size=size,
                letter_spacing=letter_spacing,
                baseline_drift=drift,
                stroke_width=pen_width,
                pressure=pressure,
                seed=whole(seed, "seed"),
                paper=paper,
                ink_color=css_colour(ink_color),
                paper_color=css_colour(paper_color),
                verify=bool(verify),
            )
            for step in steps:
                if step.done < step.total:
                    yield [_shown(step.ink.to_svg()), told([f"{step.done:,} of {step.total:,} words …"]), *waiting]
            written = step.ink
        except Exception as error:
            yield [gr.skip(), refused(sentence(error)), *waiting]
            return
        yield [
            _shown(written.to_svg()),
            told(written.report.sentences()),
            gr.update(value=handed_out("handwriting.svg", written.save), interactive=True),
            gr.update(interactive=True),
            gr.update(interactive=True),
            gr.update(value=None, visible=False),
            written,
        ]

    def animate(written: Ink | None) -> Any:
        return gr.skip() if written is None else _shown(written.to_animated_svg())

    def all_files(written: Ink | None) -> Any:
        return gr.skip() if written is None else gr.update(value=_files(written), visible=True)

    def pick(event: gr.EventData) -> list[Any]:
        index = event.index if isinstance(event.index, int) and 0 <= event.index < hands else 0  # it comes from a browser
        return [index, 0, "[]", None]

    @cache
    def specimens() -> str:
        return gallery_of(writer)

    private = {"api_visibility": "private", "preprocess": False, "trigger_mode": "always_last"} | share
    quick = {"api_visibility": "private", "show_progress": "hidden"}
    go.click(write, settings, shown, **private)
    text.submit(write, settings, shown, **private)
    gallery.select(pick, None, [style, share_of_other, own, upload], **quick).then(write, settings, shown, **private)
    dice.click(lambda: random.randrange(MAX_SEED), None, seed, **quick).then(write, settings, shown, **private)
    for slider in (neatness, looseness, slant, size, letter_spacing, drift, pen_width, pressure, share_of_other):
        slider.release(write, settings, shown, **private)
    for choice in (paper, ink_color, paper_color):
        choice.input(write, settings, shown, **private)
    watch.click(animate, last, page, api_visibility="private", **share)
    more.click(all_files, last, everything, api_visibility="private", **share)
    tab.select(specimens, None, gallery, api_visibility="private", show_progress="hidden", **share)
    _endpoint(writer, share)


def _endpoint(writer: PenWriter, share: dict[str, Any]) -> None:
    """The endpoint for programs. Its parameters are components that the page does not show."""
    text = gr.Textbox(label="Text to write", visible=False)
    style = gr.Number(0, label=f"Hand of the gallery, 0 to {len(writer.gallery) - 1}", precision=0, visible=False)
    neatness = gr.Number(NEATNESS, label="Neatness, 0 to 3", visible=False)
    seed = gr.Number(0, label="Seed: the same gives the same ink", precision=0, visible=False)
    style_strokes = gr.JSON(label="Strokes of a few words in the hand to write in, instead of style; null for none", visible=False)
    style_strokes.api_info = lambda: list_of(list_of(list_of({"type": "number"})))
    style_strokes.example_payload = lambda: None
    verify = gr.Checkbox(True, label="Read words back, and write those again that can't be read", visible=False)
    svg = gr.File(label="SVG", visible=False)
    png = gr.File(label="PNG", visible=False)
    result = gr.JSON(label="Report", visible=False)
    result.api_info = lambda: object_of(
        words="integer", redrawn="integer", unread=list_of({"type": "string"}), replaced="object", verified="boolean", seed="integer"
    )

    def write_pen(
        text: str, style: int = 0, neatness: float = NEATNESS, seed: int = 0, style_strokes: list[Any] | None = None, verify: bool = True
    ) -> tuple[str, str, dict[str, Any]]:
        if not isinstance(verify, bool):
            raise InputError("verify must be true or false.")
        written = writer.write(
            text,
            style=writer.encode(style_strokes) if style_strokes else whole(style, "style"),
            neatness=neatness,
            seed=whole(seed, "seed"),
            verify=verify,
        )
        return handed_out("handwriting.svg", written.save), handed_out("handwriting.png", written.save), written.report.export()

    gr.Button(visible=False).click(
        endpoint(write_pen),
        [text, style, neatness, seed, style_strokes, verify],
        [svg, png, result],
        api_name="write_pen",
        api_description="Write a text with a pen: the page as SVG and as PNG, and a report.",
        preprocess=False,
        **share,
    )
