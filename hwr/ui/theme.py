"""How the page looks: Gradio's theme, our style sheets, and what stands above and below everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import gradio as gr
from markupsafe import Markup

from hwr.ui.assets import sheets, text_of
from hwr.ui.templates import render

NAME = "Longhand"


@dataclass(frozen=True)
class About:
    """What is said of a page: its name in links, its title, and what previews of links say."""

    name: str
    title: str
    description: str


PAGES = {
    "": About(
        "Try it",
        f"{NAME}: handwriting, read and written",
        "Write, and a recurrent network reads it stroke by stroke. Type, and one writes it by hand, in a hundred hands or in yours.",
    ),
    "how-it-works": About(
        "How it works",
        f"How it works · {NAME}",
        "Recurrent networks at work, step by step: a letter read row by row, a word column by column, and a pen that rolls dice.",
    ),
}
"""By their paths."""
SHEETS = ("theme.css", "header.css", "pad/pad.css", "character/character.css", "text/text.css", "pen/pen.css", "evaluate/evaluate.css")

_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
_INK = gr.themes.Color(
    name="ink",
    c50="#eef1fb",
    c100="#dde3f6",
    c200="#bfc9ee",
    c300="#9aaae4",
    c400="#7387d6",
    c500="#33459a",  # of buttons: 8.4 to 1 on white
    c600="#2a3a84",
    c700="#22306e",
    c800="#1f2a54",
    c900="#182042",
    c950="#10162e",
)
"""Blue-black, as in a bottle."""
_STONE = gr.themes.Color(
    name="paper",
    c50="#fbf7ee",
    c100="#f3eee2",
    c200="#e4ddcc",
    c300="#cfc6b2",
    c400="#a39b8a",
    c500="#756e61",
    c600="#5d574c",
    c700="#46413a",
    c800="#2d2a27",
    c900="#211f1e",
    c950="#171615",
)
"""Paper, from fresh to old."""


def theme() -> gr.themes.Base:
    """Ink on paper, by day and by lamp, with the fonts of the visitor's system: nothing is fetched from elsewhere."""
    return gr.themes.Base(
        primary_hue=_INK, secondary_hue=_INK, neutral_hue=_STONE, radius_size=gr.themes.sizes.radius_lg, font=_SANS, font_mono=_MONO
    ).set(
        body_background_fill="#f6f1e6",
        body_background_fill_dark="#15161a",
        body_text_color="#22263a",
        body_text_color_dark="#eeeae0",
        body_text_color_subdued="#5d5a55",
        body_text_color_subdued_dark="#b1ada4",
        block_background_fill="#fffdf8",
        block_background_fill_dark="#1d1f25",
        block_border_color="#e6dfcf",
        block_border_color_dark="#33353d",
        block_label_background_fill="#fffdf8",
        block_label_background_fill_dark="#1d1f25",
        block_label_text_color="#5d5a55",
        block_label_text_color_dark="#b1ada4",
        block_title_text_color="#3c3a4a",
        block_title_text_color_dark="#d9d5cb",
        block_info_text_color="#5d5a55",
        block_info_text_color_dark="#b1ada4",
        border_color_primary="#d8d0be",
        border_color_primary_dark="#3c3f48",
        border_color_accent="#33459a",
        border_color_accent_dark="#9aaae4",
        color_accent="#33459a",
        color_accent_soft="#eef1fb",
        color_accent_soft_dark="#2a2f45",
        input_background_fill="#fffefb",
        input_background_fill_dark="#24262d",
        input_placeholder_color="#6f6a60",
        input_placeholder_color_dark="#a39e93",
        link_text_color="#2a3a84",
        link_text_color_dark="#b4c1f2",
        link_text_color_hover="#182042",
        link_text_color_hover_dark="#d5ddf8",
        link_text_color_visited="#2a3a84",
        link_text_color_visited_dark="#b4c1f2",
        button_primary_background_fill="#33459a",
        button_primary_background_fill_dark="#4256b3",
        button_primary_background_fill_hover="#2a3a84",
        button_primary_background_fill_hover_dark="#5267c6",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill="#fffdf8",
        button_secondary_background_fill_dark="#282a32",
        button_secondary_background_fill_hover="#f3eee2",
        button_secondary_background_fill_hover_dark="#31343d",
        button_secondary_border_color="#cfc6b2",
        button_secondary_border_color_dark="#454954",
        button_secondary_text_color="#22263a",
        button_secondary_text_color_dark="#eeeae0",
        button_border_width="1px",
        button_large_text_size="*text_md",
        button_large_text_weight="600",
        slider_color="#33459a",
        slider_color_dark="#8d9ee6",
        checkbox_background_color_selected="#33459a",
        checkbox_background_color_selected_dark="#5267c6",
        block_shadow="none",
        block_shadow_dark="none",
    )


def style_sheet() -> str:
    """Of the page's own parts: what all share, then a sheet a room."""
    return sheets(*SHEETS).made().decode()


def header(notice: str | None, here: str = "") -> str:
    """The name, one sentence on what this is, the way to the other page, and a notice if there is one.

    Args:
        notice: something people should know about this installation.
        here: path of the page that it stands on.
    """
    wordmark = Markup(text_of("brand/wordmark.svg").strip())
    return render("header.html", brand=NAME, wordmark=wordmark, pages=PAGES.items(), here=here, notice=notice)


def footer(sources: Sequence[str]) -> str:
    """Where the weights come from, and what they were trained on."""
    weights = ", ".join(f"<code>{escape(source)}</code>" for source in sources)
    return (
        f'<p class="hwr-source">Recurrent networks on this machine: {weights}. The shipped ones are trained on '
        '<a href="https://arxiv.org/abs/1702.05373">EMNIST</a> and '
        '<a href="https://doi.org/10.5281/zenodo.1195803">UNIPEN</a> (CC BY 4.0).</p>'
    )
