"""The second page, "How it works": the idea in pictures that move, the networks with their results, data, licences, and how to call it."""

import gradio as gr

from hwr.ui.assets import text_of
from hwr.ui.how.content import PATH
from hwr.ui.how.files import version

__all__ = ["PATH", "build"]


def build() -> None:
    """Compose the page inside the current route of a ``gr.Blocks``."""
    gr.HTML(
        f'<div class="how-page" data-version="{version()}"><p role="status">One moment…</p></div>',
        js_on_load=text_of("how/open.js"),
        apply_default_css=False,
        elem_id="how",
    )
