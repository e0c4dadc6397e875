"""Upload of a document, or on phones of a photograph at the camera's full resolution, beside what Gradio's image input takes."""

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr.errors import InputError
from hwr.ui.guard import uploaded_path
from hwr.ui.inputs import Source, Updates


def document_input(elem_id: str) -> gr.HTML:
    """Upload of a PDF or a TIFF, and on phones of a photograph at the camera's full resolution; see :func:`from_document`."""
    script, template = (files("hwr.ui.text").joinpath(f"document.{kind}").read_text(encoding="utf-8") for kind in ("js", "html"))
    return gr.HTML("", html_template=template, js_on_load=script, apply_default_css=False, elem_id=elem_id)


def from_document(document: gr.HTML, read: Callable[..., Updates | Iterator[Updates]]) -> Source:
    """The path of a file from :func:`document_input`."""
    return Source(document, "", lambda value: _uploaded(value) if value else None, read)


def _uploaded(value: Any) -> str:
    try:
        said = json.loads(value)
    except (TypeError, ValueError, RecursionError):
        raise InputError("The file did not arrive whole. Choose it again.") from None
    return uploaded_path(said)
