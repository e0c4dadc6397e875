"""Links bring back what somebody saw; what a stranger wrote into one is text, or nothing."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from app_server import pen_writer, shared_app
from browsing import CHROMIUM_MARKS
from examples import WORDS_DRAWN
from playwright.sync_api import Page, expect

pytestmark = CHROMIUM_MARKS


def test_a_page_that_was_written_is_shared(visit: Callable[..., Page]) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("tab", name="Write", exact=True).click()
    expect(page.locator("#pen-save")).to_be_enabled()
    page.locator("#pen-text textarea").fill("50 % of\nZoë & <b>")
    page.locator("#pen-style input").fill("17")
    page.locator("#pen-seed input").fill("3")
    page.get_by_label("ruled").check()
    expect(page.locator("#pen-page title")).to_have_text(re.compile("Zoë"))
    page.get_by_role("button", name="Copy link").last.click()
    expect(page.locator("#pen-page [role=status]")).to_have_text("Link copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert link.startswith(f"{shared_app()}/#write/pen?")
    page = visit(link=link)
    expect(page.locator("#pen-text textarea")).to_have_value("50 % of\nZoë & <b>")
    expect(page.locator("#pen-style input")).to_have_value("17")
    expect(page.locator("#pen-seed input")).to_have_value("3")
    expect(page.get_by_label("ruled")).to_be_checked()
    expected = pen_writer().write("50 % of\nZoë & <b>", style=17, seed=3, paper="ruled", stroke_width=2.6)
    expect(page.locator("#pen-page g path")).to_have_count(len(expected.strokes))


def test_a_drawing_is_shared(visit: Callable[..., Page]) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.locator("#text-examples button").first.click()
    expect(page.locator("#transcript [data-text]")).to_have_attribute("data-text", "hello")
    page.locator("#text-pad button[data-action=link]").click()
    expect(page.locator("#text-pad button[data-action=link]")).to_contain_text("Link copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert len(link) < 1500
    page = visit(link=link)
    strokes = len(WORDS_DRAWN["hello"])
    expect(page.locator("#text-pad canvas")).to_have_attribute("aria-label", re.compile(f"{strokes} strokes"))
    expect(page.locator("#transcript [data-text]")).to_have_attribute("data-text", "hello")
    expect(page.locator("#text-pad .pad-greeting")).to_have_count(0)


def test_ink_comes_back_from_an_address_as_it_was(visit: Callable[..., Page]) -> None:
    page = visit()
    strokes = [[[-40, 500], [960, -130], [0, 0]], [[5, 5]], [[100, 100], [104, 100], [200, 250]]]
    back = page.evaluate("(strokes) => hwr.links.unpackInk(hwr.links.packInk(strokes), 20000)", strokes)
    assert [[point[:2] for point in stroke] for stroke in back] == strokes
    times = [point[2] for stroke in back for point in stroke]
    assert times == sorted(times)
    assert page.evaluate("(strokes) => hwr.links.unpackInk(hwr.links.packInk(strokes), 5)", strokes) == []  # more than there may be


@pytest.mark.parametrize("ink", ["", "%", "////", "A" * 5000, "gICAgICAgA", "日本", "__________8"])
def test_ink_that_is_none_is_no_drawing(visit: Callable[..., Page], ink: str) -> None:
    page = visit(link=f"{shared_app()}/#recognize/text?ink={quote(ink)}")
    expect(page.locator("#text-pad canvas")).to_have_attribute("aria-label", re.compile("Empty|stroke"))
    for drawn in page.evaluate("(ink) => hwr.links.unpackInk(ink, 20000)", ink):
        assert all(len(point) == 3 for point in drawn)


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "javascript:alert(1)", "a" * 3000])
def test_what_a_stranger_wrote_into_a_link_is_text(visit: Callable[..., Page], text: str) -> None:
    page = visit(link=f"{shared_app()}/#write/pen?text={quote(text)}&hand=nonsense&seed=-5e99&paper=sand&other=1")
    expect(page.locator("#pen-text textarea")).to_have_value(text)
    expect(page.locator("#pen-report [role]").first).to_be_visible()
    assert page.locator("#pen-page img").count() == 0


def test_the_address_follows_the_tabs(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("tab", name="Write", exact=True).click()
    page.get_by_role("tab", name="Pixels", exact=True).click()
    expect(page).to_have_url(re.compile("#write/pixels$"))
    expect(visit(link=page.url).locator("#pixels-picture")).to_be_visible()
    page.get_by_role("tab", name="Evaluate", exact=True).click()
    expect(page).to_have_url(re.compile("#evaluate$"))
