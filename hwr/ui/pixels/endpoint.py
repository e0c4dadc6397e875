"""The endpoint ``/write_pixels``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from hwr.errors import InputError
from hwr.ui.guard import image_parameter, object_of, uploaded_path
from hwr.ui.outputs import handed_out
from hwr.ui.writing import whole

if TYPE_CHECKING:
    from hwr.predictors.pixels import PixelWriter


def add_endpoint(writer: PixelWriter, own_temperature: float, share: dict[str, Any]) -> None:
    """The endpoint for programs. Its parameters are components that the page does not show."""
    text = gr.Textbox(label="Text to write", visible=False)
    seed = gr.Number(0, label="Seed: the same gives the same picture", precision=0, visible=False)
    temperature = gr.Number(own_temperature, label="Temperature, 0.05 to 5: less is neater", visible=False)
    style_image = image_parameter("Image file of a few characters in the hand to write in; none for the hand that the seed gives")
    verify = gr.Checkbox(True, label="Read characters back, and draw those again that can't be read", visible=False)
    page = gr.File(label="PNG", visible=False)
    result = gr.JSON(label="Report", visible=False)
    result.api_info = lambda: object_of(
        characters="integer", redrawn="integer", unread="integer", replaced="object", verified="boolean", seed="integer"
    )

    def write_pixels(
        text: str,
        seed: int = 0,
        temperature: float = own_temperature,
        style_image: dict[str, Any] | None = None,
        verify: bool = True,
    ) -> tuple[str, dict[str, Any]]:
        if not isinstance(verify, bool):
            raise InputError("verify must be true or false.")
        written = writer.write(
            text,
            seed=whole(seed, "seed"),
            temperature=temperature,
            style_image=uploaded_path(style_image) if style_image else None,
            verify=verify,
        )
        return handed_out("handwriting.png", written.image.save), written.report.export()

    gr.Button(visible=False).click(
        write_pixels,
        [text, seed, temperature, style_image, verify],
        [page, result],
        api_name="write_pixels",
        api_description="Write a text in handwriting, drawn pixel row by pixel row: a picture of the (first) page, and a report.",
        preprocess=False,
        **share,
    )
