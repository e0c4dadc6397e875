"""The endpoints ``/recognize_character`` and ``/recognize_strokes``."""

from typing import Any

import gradio as gr

from hwr.errors import InputError
from hwr.predictors.char import CharRecognizer
from hwr.ui.guard import image_parameter, list_of, object_of, uploaded_path

TOP_K = 5
"""Default number of candidates that the endpoints return."""


def add_endpoints(recognizer: CharRecognizer, share: dict[str, Any]) -> None:
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
            function,
            [source, top_k],
            result,
            api_name=function.__name__,
            api_description=f"Read one handwritten letter or digit from {what}: the likeliest character, and the candidates with their "
            "probabilities, best first.",
            preprocess=False,
            **share,
        )
