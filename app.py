"""The demo page and its endpoints: ``python app.py``, then open the address that it prints.

``HWR_CHAR_MODEL=user/repo`` or ``user/repo@revision`` names a Hub repository to load instead of the shipped weights that read characters;
``HWR_TEXT_MODEL``, ``HWR_INK_MODEL``, ``HWR_PEN_MODEL`` and ``HWR_PIXEL_MODEL`` likewise those that read text, read strokes, write with a
pen and write with pixels. ``GRADIO_SERVER_NAME`` and ``GRADIO_SERVER_PORT`` say where to listen; Gradio reads them itself.
"""

import logging
import os
from typing import Any

import gradio as gr

import hwr
from hwr.hub.finding import load_or_shipped
from hwr.system.later import Later
from hwr.system.process import return_memory, use_threads
from hwr.ui import Models, build, first_page
from hwr.ui.serving import serve

logger = logging.getLogger("hwr.app")
KINDS = {
    "recognizer": ("CharRecognizer", "HWR_CHAR_MODEL"),
    "reader": ("TextReader", "HWR_TEXT_MODEL"),
    "ink_reader": ("InkReader", "HWR_INK_MODEL"),
    "pen_writer": ("PenWriter", "HWR_PEN_MODEL"),
    "pixel_writer": ("PixelWriter", "HWR_PIXEL_MODEL"),
}
WRITERS = {"pen_writer": "pen-best", "pixel_writer": "pixels-best"}
"""What writes needs PyTorch, which is slow to import: where the shipped weights do, the page doesn't wait for it."""


def create_app() -> tuple[gr.Blocks, list[Later]]:
    """Load the models and compose the page; and what remains to be loaded."""
    # One thread a request: as many requests run at once as there are cores, and none slows the others down.
    use_threads(1)
    return_memory()
    models: dict[str, Any] = {}
    notices = []
    for name, (kind, variable) in KINDS.items():

        def load(path_or_repo: str | None = None, revision: str | None = None, kind: str = kind) -> Any:
            return getattr(hwr, kind).from_pretrained(path_or_repo, revision=revision)

        spec = os.environ.get(variable, "").strip()
        if name in WRITERS and not spec:
            models[name], notice = Later(load, source=WRITERS[name]), None
        else:
            models[name], notice = load_or_shipped(load, spec)
        if notice:
            logger.warning(notice)
            notices.append(notice)
        logger.info("%s: %s", name.replace("_", " "), models[name].source)
    later = [model for model in models.values() if isinstance(model, Later)]
    shipped = len(later) == len(WRITERS)
    first = first_page.shipped() if shipped else first_page.of(models["pen_writer"], models["pixel_writer"])
    return build(Models(**models), first, " ".join(notices) or None), later


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for name in ("httpx", "mcp"):  # Gradio asks itself whether it is up, and tools are called in several steps
        logging.getLogger(name).setLevel(logging.WARNING)
    page, later = create_app()
    serve(page, later)
