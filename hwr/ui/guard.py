"""What strangers send, checked before it is used; and what they are told of errors: always a sentence, never a traceback."""

import errno
import logging
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from hwr.errors import InputError, TimeUpError

UNEXPECTED = "Something went wrong here. It is in the log now; please try again with another input."
NO_UPLOAD = "Send files as uploads; in Python that is handle_file(path) of gradio_client."
NO_ROOM = "The server can't store files at the moment. Try again in a few minutes."
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
_DEEPEST = 32
"""Lists within lists that an argument may be; strokes are three."""

logger = logging.getLogger(__name__)


def sentence(error: Exception) -> str:
    """What to tell people about an error; one that nobody foresaw is logged with its traceback."""
    if isinstance(error, InputError | TimeUpError):
        return str(error)
    logger.error("Unexpected error", exc_info=error)
    return NO_ROOM if isinstance(error, OSError) and error.errno in _DISK else UNEXPECTED


def check_arguments(values: list[Any]) -> None:
    """Refuse arguments that Gradio would choke on, or that would have it fetch something.

    Raises:
        InputError: there is a list within a list within a list ... in them, or a file of which only the address is sent, or no file's name.
    """
    waiting = [(values, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST:
            raise InputError(f"The arguments are nested more than {_DEEPEST} lists deep. Send plain lists.")
        if isinstance(value, dict):
            path = value.get("path")
            if isinstance(path, str) and "://" in path:
                raise InputError(f"Addresses are not fetched. {NO_UPLOAD}")
            if isinstance(path, str) and "\0" in path:
                raise InputError(NO_UPLOAD)
            waiting += [(inner, depth + 1) for inner in value.values() if isinstance(inner, list | dict)]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value if isinstance(inner, list | dict)]


def image_parameter(label: str) -> gr.Image:
    """A parameter for endpoints that takes an image file of any kind; use it with ``preprocess=False`` and :func:`uploaded_path`."""
    image = gr.Image(label=label, type="filepath", image_mode=None, visible=False)
    # What the API page shows as an example; Gradio's own lies on a server elsewhere.
    image.example_payload = lambda: {"path": "picture.png", "orig_name": "picture.png", "meta": {"_type": "gradio.FileData"}}
    return image


def uploaded_path(value: Any, what: str = "image") -> str:
    """Path of an uploaded file, from what an event with ``preprocess=False`` gets.

    Gradio's own image preprocessing opens files before our code sees them, and fails on damaged ones with a traceback; without it the file
    arrives untouched.

    Args:
        value: what came.
        what: should have come, for messages.

    Raises:
        InputError: there is no file, or it was not uploaded: callers must not reach other files of the server.
    """
    path = value.get("path") if isinstance(value, dict) else None
    if not path:
        raise InputError(f"There is no {what} yet. {NO_UPLOAD}")
    if not isinstance(path, str) or not Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise InputError(NO_UPLOAD)
    return path


def list_of(items: dict[str, Any]) -> dict[str, Any]:
    """JSON schema of a list, for the API page, which says of a ``gr.JSON`` just "any valid json"."""
    return {"type": "array", "items": items}


def object_of(**properties: str | dict[str, Any]) -> dict[str, Any]:
    """JSON schema of an object with these properties: schemas, or names of types."""
    schemas = {name: {"type": kind} if isinstance(kind, str) else kind for name, kind in properties.items()}
    return {"type": "object", "properties": schemas, "required": list(schemas)}
