"""What both modes of reading share: a pad and a picture beside it, of which the latest counts."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from hwr.errors import InputError
from hwr.ui.guard import sentence, uploaded_path
from hwr.ui.pad import from_value

Updates = list[Any]


def picture_input(placeholder: str, elem_id: str, elem_classes: str) -> gr.Image:
    """Upload, paste or photograph a picture; on a phone with the camera that looks away from its owner."""
    return gr.Image(
        label="Or a picture",
        type="filepath",
        image_mode=None,
        sources=["upload", "clipboard", "webcam"],
        webcam_options=gr.WebcamOptions(mirror=False, constraints={"video": {"facingMode": {"ideal": "environment"}}}),
        placeholder=placeholder,
        height=180,
        buttons=[],
        elem_id=elem_id,
        elem_classes=elem_classes,
    )


def read_latest(
    drawing: gr.HTML,
    picture: gr.Image,
    shown: Sequence[Any],
    *,
    read_strokes: Callable[..., Updates],
    read_picture: Callable[..., Updates],
    nothing: Callable[..., Updates],
    settings: Sequence[Any] = (),
    **events: Any,
) -> None:
    """Read whatever was drawn or chosen last; the other of the two is emptied. When a setting changes, what is there is read again.

    Args:
        drawing: the pad.
        picture: from :func:`picture_input`.
        shown: components that show the result.
        read_strokes: ``(strokes, *settings)`` to updates of ``shown``; what it raises is told through ``nothing``.
        read_picture: ``(path, *settings)``, likewise.
        nothing: updates of ``shown`` where there is no result, given a sentence that says why.
        settings: components.
        events: passed to every listener.
    """
    unchanged = [gr.skip()] * (len(shown) + 1)

    def told(read: Callable[..., Updates], source: Any, values: Sequence[Any]) -> Updates:
        try:
            return read(source, *values)
        except Exception as error:
            return nothing(sentence(error))

    def on_drawing(value: str, image: Any, *values: Any) -> Updates:
        try:
            strokes = from_value(value)
        except InputError as error:
            return [*nothing(str(error)), gr.skip()]
        if not strokes:  # an emptied pad says nothing about the picture
            return unchanged if image else [*nothing(), gr.skip()]
        return [*told(read_strokes, strokes, values), None if image else gr.skip()]

    def on_picture(image: Any, value: str, *values: Any) -> Updates:
        if not image:
            return unchanged if value not in ("", "[]") else [*nothing(), gr.skip()]
        return [*told(lambda source, *rest: read_picture(uploaded_path(source), *rest), image, values), "[]"]

    def on_setting(value: str, image: Any, *values: Any) -> Updates:
        return on_picture(image, value, *values)[:-1] if image else on_drawing(value, image, *values)[:-1]

    drawing.input(on_drawing, [drawing, picture, *settings], [*shown, picture], **events)
    picture.input(on_picture, [picture, drawing, *settings], [*shown, drawing], **events)
    for setting in settings:
        setting.change(on_setting, [drawing, picture, *settings], list(shown), **events)
