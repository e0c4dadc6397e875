"""Markdown, as another program renders it."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from read_documents import document

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

texts = st.text(st.one_of(st.sampled_from("*_`[]()<>#+-.!|~&=\\:;\"'1 9/\0"), st.characters(exclude_categories=("Cs",))), max_size=30)


def shown(content: bytes) -> list[list[str]]:
    """The lines of each paragraph; nothing else may be there."""
    rendered = RENDERER.render(content.decode())
    left = re.sub(r"<p>.*?</p>|<hr />", "", rendered, flags=re.DOTALL)
    assert left.strip() == "", rendered
    paragraphs = re.findall(r"<p>(.*?)</p>", rendered, flags=re.DOTALL)
    assert not any(re.search(r"<(?!br />)", paragraph) for paragraph in paragraphs), rendered
    return [[html.unescape(text).strip() for text in paragraph.split("<br />")] for paragraph in paragraphs]


@settings(deadline=None)
@given(st.lists(st.lists(texts, max_size=4), min_size=1, max_size=3))
def test_what_was_read_is_text_and_never_markup(lines: list[list[str]]) -> None:
    plain = [[" ".join(text.replace("\0", "").split()) for text in page] for page in lines]
    pages = [[text for text in page if text] for page in plain]
    assert shown(document(*lines).to("markdown")) == [page for page in pages if page]


BLOCKS = (
    *(
        "# no heading",
        "1. no list",
        "12) no list",
        "- no list",
        "+ 1",
        "> no quotation",
        "===",
        "---",
        "***",
        "    no code",
        "```",
        "~~~ x",
    ),
    *("[a]: b", "<b>", "&amp;", "a\\", "![x](y)", "http://x_y_z", "|a|b|"),
)


@pytest.mark.parametrize("text", BLOCKS)
def test_beginnings_of_blocks(text: str) -> None:
    assert shown(document(["first", text, "last"], [text]).to("markdown")) == [["first", text.strip(), "last"], [text.strip()]]
