"""The endpoint ``/write_pen``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from hwr.errors import InputError
from hwr.ink.strokes import parse_strokes
from hwr.paper.pen_typesetting import PenOptions
from hwr.ui.guard import list_of, object_of
from hwr.ui.outputs import handed_out
from hwr.ui.writing import whole

if TYPE_CHECKING:
    from hwr.predictors.pen import PenWriter


def add_endpoint(writer: PenWriter, hands: int, share: dict[str, Any]) -> None:
    """The endpoint for programs. Its parameters are components that the page does not show."""
    text = gr.Textbox(label="Text to write", visible=False)
    style = gr.Number(0, label=f"Hand of the gallery, 0 to {hands - 1}", precision=0, visible=False)
    neatness = gr.Number(PenOptions.neatness, label="Neatness, 0 to 3", visible=False)
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
        text: str,
        style: int = 0,
        neatness: float = PenOptions.neatness,
        seed: int = 0,
        style_strokes: list[Any] | None = None,
        verify: bool = True,
    ) -> tuple[str, str, dict[str, Any]]:
        if not isinstance(verify, bool):
            raise InputError("verify must be true or false.")
        written = writer.write(
            text,
            style=writer.encode(parse_strokes(style_strokes)) if style_strokes else whole(style, "style"),
            neatness=neatness,
            seed=whole(seed, "seed"),
            verify=verify,
        )
        return handed_out("handwriting.svg", written.save), handed_out("handwriting.png", written.save), written.report.export()

    gr.Button(visible=False).click(
        write_pen,
        [text, style, neatness, seed, style_strokes, verify],
        [svg, png, result],
        api_name="write_pen",
        api_description="Write a text with a pen: the page as SVG and as PNG, and a report.",
        preprocess=False,
        **share,
    )
