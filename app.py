"""The demo page and its endpoints: ``python app.py``, then open the address that it prints.

``HWR_CHAR_MODEL=user/repo`` or ``user/repo@revision`` names a Hub repository to load instead of the shipped weights that read characters;
``HWR_TEXT_MODEL``, ``HWR_INK_MODEL``, ``HWR_PEN_MODEL`` and ``HWR_PIXEL_MODEL`` likewise those that read text, read strokes, write with a
pen and write with pixels. ``GRADIO_SERVER_NAME`` and ``GRADIO_SERVER_PORT`` say where to listen; Gradio reads them itself.
"""

import logging
import os

import gradio as gr

from hwr import CharRecognizer, InkReader, PenWriter, PixelWriter, TextReader
from hwr.hub.finding import load_or_shipped
from hwr.system.process import return_memory, use_threads
from hwr.ui import Models, build
from hwr.ui.serving import serve

logger = logging.getLogger("hwr.app")
KINDS = {
    "recognizer": (CharRecognizer, "HWR_CHAR_MODEL"),
    "reader": (TextReader, "HWR_TEXT_MODEL"),
    "ink_reader": (InkReader, "HWR_INK_MODEL"),
    "pen_writer": (PenWriter, "HWR_PEN_MODEL"),
    "pixel_writer": (PixelWriter, "HWR_PIXEL_MODEL"),
}


def create_app() -> gr.Blocks:
    """Load the models and compose the page."""
    # One thread a request: as many requests run at once as there are cores, and none slows the others down.
    use_threads(1)
    return_memory()
    models, notices = {}, []
    for name, (kind, variable) in KINDS.items():
        models[name], notice = load_or_shipped(
            lambda path_or_repo, revision, kind=kind: kind.from_pretrained(path_or_repo, revision=revision), os.environ.get(variable)
        )
        if notice:
            logger.warning(notice)
            notices.append(notice)
        logger.info("%s: %s", name.replace("_", " "), models[name].source)
    return build(Models(**models), " ".join(notices) or None)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "mcp"):  # Gradio asks itself whether it is up, and tools are called in several steps
        logging.getLogger(name).setLevel(logging.WARNING)
    serve(create_app())
