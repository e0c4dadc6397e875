"""How the page looks: Gradio's theme, our style sheet, and the head of the page."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

import gradio as gr

TITLE = "hwr: handwriting, read and written"
MAX_FILE_SIZE = "100mb"

_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Calm, with the fonts of the visitor's system: nothing is fetched from elsewhere."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.indigo,
        secondary_hue=gr.themes.colors.indigo,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=_SANS,
        font_mono=_MONO,
    ).set(
        body_background_fill="#f6f7f9",
        body_background_fill_dark="#0e1116",
        block_background_fill="white",
        block_background_fill_dark="#171b22",
        block_border_color="#e3e6eb",
        block_border_color_dark="#2a303a",
        body_text_color_subdued="#5b6879",
        body_text_color_subdued_dark="#9aa5b4",
        border_color_primary="#dfe3e8",
        border_color_primary_dark="#2f3640",
        block_shadow="none",
        block_shadow_dark="none",
    )


def launch_options() -> dict[str, Any]:
    """Arguments for ``launch()``, where Gradio takes what belongs to the whole page."""
    return {
        "theme": theme(),
        "css": files("hwr.ui").joinpath("theme.css").read_text(encoding="utf-8"),
        "max_file_size": MAX_FILE_SIZE,
        "footer_links": ["api", "gradio", "settings"],
        "run_history": False,  # it would keep people's drawings in their browser
        "enable_monitoring": False,
        "ssr_mode": False,
    }


def header(sources: Sequence[str], notice: str | None) -> str:
    """Title, one sentence on what this is, where the weights come from, and a notice if there is one."""
    warning = f'<p class="hwr-notice" role="status">{escape(notice)}</p>' if notice else ""
    weights = ", ".join(f"<code>{escape(source)}</code>" for source in sources)
    return (
        '<header class="hwr-header"><h1>hwr</h1>'
        "<p>Write, and watch a recurrent network read it step by step. Type, and watch one write it by hand.</p>"
        f'<p class="hwr-source">Weights: {weights} <span aria-hidden="true">·</span> '
        'The shipped ones are trained on <a href="https://arxiv.org/abs/1702.05373">EMNIST</a> and '
        '<a href="https://doi.org/10.5281/zenodo.1195803">UNIPEN</a> (CC BY 4.0) <span aria-hidden="true">·</span> '
        '<a href="?view=api">Use it from a program</a></p>'
        f"{warning}</header>"
    )
