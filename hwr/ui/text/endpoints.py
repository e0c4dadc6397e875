"""The endpoints ``/read_text`` and ``/export_text``."""

from typing import Any

import gradio as gr

from hwr.errors import InputError
from hwr.predictors.text import TextReader
from hwr.text.formats import FORMATS
from hwr.text.result import TextDocument
from hwr.ui.guard import image_parameter, list_of, object_of, uploaded_path
from hwr.ui.text.handlers import MAX_PAGES, word_text, written_files


def add_endpoints(reader: TextReader, share: dict[str, Any]) -> None:
    """The endpoints for programs. Their parameters are components that the page does not show."""
    image = image_parameter("File of a page, a line or a word: an image, a TIFF of several pages or a PDF")
    language_model = gr.Checkbox(True, label="Let the language model help", visible=False)
    words = gr.Textbox("", label="The only words that can be read, separated by commas or spaces; empty for anything", visible=False)
    format = gr.Textbox("alto", label=f"Format: one of {', '.join(FORMATS)}", visible=False)
    result = gr.JSON(label="Result", visible=False)
    result.api_info = _schema
    written = gr.File(label="Files", file_count="multiple", visible=False)

    def read(image: dict[str, Any], language_model: bool, words: str) -> TextDocument:
        if not isinstance(language_model, bool):
            raise InputError("language_model must be true or false.")
        return reader.read_document(uploaded_path(image), language_model=language_model, words=word_text(words), max_pages=MAX_PAGES)

    def read_text(image: dict[str, Any], language_model: bool = True, words: str = "") -> dict[str, Any]:
        return told(read(image, language_model, words))

    def export_text(image: dict[str, Any], format: str = "alto", language_model: bool = True, words: str = "") -> list[str]:
        if not isinstance(format, str) or format not in FORMATS:
            raise InputError(f"format must be one of {', '.join(FORMATS)}.")
        return written_files(read(image, language_model, words), format)

    gr.Button(visible=False).click(
        read_text,
        [image, language_model, words],
        result,
        api_name="read_text",
        api_description="Read a handwritten page, line or word from an image file (PNG, JPEG, WebP, GIF, BMP, TIFF), or the pages of a PDF "
        "or a TIFF: the text, and each line with its box, outline, baseline, words, characters and other readings.",
        preprocess=False,
        **share,
    )
    gr.Button(visible=False).click(
        export_text,
        [image, format, language_model, words],
        written,
        api_name="export_text",
        api_description="As read_text, but the result is a file: text, markdown, json, alto, page (PAGE-XML, a file a page), hocr or pdf "
        "(searchable).",
        preprocess=False,
        **share,
    )


def told(document: TextDocument) -> dict[str, Any]:
    """What programs are told of a document: JSON-able data."""
    return {
        "text": document.text,
        "confidence": document.confidence,
        "lines": [line.export() | {"page": number} for number, page in enumerate(document.pages, start=1) for line in page.lines],
        "pages": [{"size": list(page.size)} | ({"error": page.error} if page.error else {}) for page in document.pages],
    }


def _schema() -> dict[str, Any]:
    """JSON schema of :func:`told`."""
    integers, points = list_of({"type": "integer"}), list_of(list_of({"type": "number"}))
    line = object_of(
        box=integers,
        text="string",
        confidence="number",
        characters=list_of(object_of(char="string", confidence="number", x0="number", x1="number")),
        alternatives=list_of(object_of(text="string", confidence="number")),
        words=list_of(object_of(box=integers, text="string", confidence="number", polygon=points)),
        polygon=points,
        baseline=points,
        page="integer",
    )
    return object_of(text="string", confidence="number", lines=list_of(line), pages=list_of(object_of(size=integers)))
