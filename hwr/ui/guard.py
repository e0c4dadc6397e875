"""Errors on the page and at the endpoints: always a sentence for people, never a traceback."""

import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import gradio as gr
from gradio.data_classes import ImageData
from gradio.utils import get_upload_folder
from pydantic import ValidationError

from hwr.errors import InputError

UNEXPECTED = "Something went wrong here. It is in the log now; please try again with another input."
_NO_UPLOAD = "Send the image as an uploaded file; in Python that is handle_file(path) of gradio_client."

logger = logging.getLogger(__name__)


def sentence(error: Exception) -> str:
    """What to tell people about an error; one that nobody foresaw is logged with its traceback."""
    if isinstance(error, InputError):
        return str(error)
    logger.error("Unexpected error", exc_info=error)
    return UNEXPECTED


def endpoint(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function that clients call: its errors reach them as a sentence."""

    @functools.wraps(function)
    def guarded(*args: Any) -> Any:
        try:
            return function(*args)
        except Exception as error:
            raise gr.Error(sentence(error), print_exception=False) from None

    return guarded


class _Upload(ImageData):
    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        try:
            return super().model_validate(obj, **options)
        except ValidationError:
            raise gr.Error(_NO_UPLOAD, print_exception=False) from None


def image_parameter(label: str) -> gr.Image:
    """A parameter for endpoints that takes an image file of any kind; use it with ``preprocess=False`` and :func:`uploaded_path`."""
    image = gr.Image(label=label, type="filepath", image_mode=None, visible=False)
    # What the API page shows as an example; Gradio's own lies on a server elsewhere.
    image.example_payload = lambda: {"path": "picture.png", "orig_name": "picture.png", "meta": {"_type": "gradio.FileData"}}
    image.data_model = _Upload  # Gradio's own answers to a path instead of a file, an easy mistake, with a bare "error"
    return image


def uploaded_path(value: Any) -> str:
    """Path of an uploaded file, from what an event with ``preprocess=False`` gets.

    Gradio's own image preprocessing opens files before our code sees them, and fails on damaged ones with a traceback; without it the file
    arrives untouched.

    Raises:
        InputError: there is no file, or it was not uploaded: callers must not reach other files of the server.
    """
    path = value.get("path") if isinstance(value, dict) else None
    if not path:
        raise InputError("There is no image yet. Send an image file.")
    if not Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise InputError(_NO_UPLOAD)
    return path


def list_of(items: dict[str, Any]) -> dict[str, Any]:
    """JSON schema of a list, for the API page, which says of a ``gr.JSON`` just "any valid json"."""
    return {"type": "array", "items": items}


def object_of(**properties: str | dict[str, Any]) -> dict[str, Any]:
    """JSON schema of an object with these properties: schemas, or names of types."""
    schemas = {name: {"type": kind} if isinstance(kind, str) else kind for name, kind in properties.items()}
    return {"type": "object", "properties": schemas, "required": list(schemas)}
