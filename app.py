"""The demo page and its endpoints: ``python app.py``, then open the address that it prints.

``HWR_CHAR_MODEL=user/repo`` or ``user/repo@revision`` names a Hub repository to load instead of the shipped weights that read characters,
``HWR_TEXT_MODEL`` likewise one that reads words and lines, ``HWR_PIXEL_MODEL`` one that writes with pixels. ``GRADIO_SERVER_NAME`` and
``GRADIO_SERVER_PORT`` say where to listen; Gradio reads them itself.
"""

import logging
import os

import gradio as gr
import torch

from hwr import CharRecognizer, PixelWriter, TextReader
from hwr.hub import load_or_shipped
from hwr.ui import build, launch_options

logger = logging.getLogger("hwr.app")


def create_app() -> gr.Blocks:
    """Load the models and compose the page."""
    # One thread a request: as many requests run at once as there are cores, and none slows the others down.
    torch.set_num_threads(1)
    recognizer, char_notice = load_or_shipped(
        lambda path_or_repo, revision: CharRecognizer.from_pretrained(path_or_repo, revision=revision), os.environ.get("HWR_CHAR_MODEL")
    )
    reader, text_notice = load_or_shipped(
        lambda path_or_repo, revision: TextReader.from_pretrained(path_or_repo, revision=revision), os.environ.get("HWR_TEXT_MODEL")
    )
    pixel_writer, pixel_notice = load_or_shipped(
        lambda path_or_repo, revision: PixelWriter.from_pretrained(path_or_repo, revision=revision), os.environ.get("HWR_PIXEL_MODEL")
    )
    notices = [notice for notice in (char_notice, text_notice, pixel_notice) if notice]
    for notice in notices:
        logger.warning(notice)
    logger.info("Reading characters with %s, text with %s, writing with %s", recognizer.source, reader.source, pixel_writer.source)
    return build(recognizer, reader, pixel_writer, " ".join(notices) or None)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # Gradio asks itself whether it is up
    create_app().launch(**launch_options())
