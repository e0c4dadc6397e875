"""The second page in a browser: what moves, moves when it should, and everything is reached."""

import re
from collections.abc import Callable

import pytest
from app_server import shared_app
from browsing import CHROMIUM_MARKS
from playwright.sync_api import Locator, Page, expect

pytestmark = CHROMIUM_MARKS
Visit = Callable[..., Page]
HEAVIEST = 300_000
"""Bytes that the second page may have of its own."""


@pytest.fixture
def how(visit: Visit) -> Callable[..., Page]:
    """Open the second page."""

    def open_page(query: str = "", **options: object) -> Page:
        page = visit(link=f"{shared_app()}/how-it-works{query}", **options)
        expect(page.locator("#how [data-ready]")).to_be_visible()
        return page

    return open_page


def player(page: Page, name: str) -> Locator:
    found = page.locator(f"[data-player={name}]")
    found.scroll_into_view_if_needed()
    return found


def address_behind(page: Page, name: str) -> str:
    """Where a click on a link leads. Who leaves a page of Gradio's while it listens to the server leaves errors on its console."""
    page.evaluate("addEventListener('click', (event) => event.preventDefault())")
    link = page.get_by_role("link", name=name)
    link.click()
    return link.evaluate("(link) => link.href")


def test_the_pages_lead_to_each_other_and_keep_the_theme(visit: Visit) -> None:
    page = visit("dark")
    expect(page.locator(".nav-holder:visible")).to_have_count(0)
    assert page.get_by_role("tablist").first.get_by_role("tab").count() == 3
    page = visit(link=address_behind(page, "How it works"))
    expect(page.get_by_role("heading", level=1)).to_have_text("How it works")
    expect(page).to_have_title(re.compile("How it works"))
    expect(page.locator("body.dark")).to_be_visible()
    page = visit(link=address_behind(page, "Draw a letter of your own"))
    expect(page.locator("#pad canvas")).to_be_visible()
    expect(page.locator("body.dark")).to_be_visible()


def test_what_moves_stands_still_for_who_wants_that(how: Visit) -> None:
    page = how()
    motto = page.locator(".how-motto path")
    assert motto.evaluate("(path) => path.getAttribute('d').split('M').length") > 8  # all its strokes, at once
    for name in ("rows", "columns", "pens", "confusions"):
        part = player(page, name)
        expect(part.get_by_role("button", name="Play")).to_be_visible()
        words = part.locator("[data-part=words]").inner_text()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert part.locator("[data-part=words]").inner_text() == words != ""
        expect(part.get_by_role("slider")).to_have_attribute("aria-valuetext", words)


def test_it_plays_while_it_is_in_sight_and_pauses_when_asked(how: Visit) -> None:
    page = how(reduced_motion="no-preference")
    rows = player(page, "rows")
    expect(rows.locator("[data-part=words]")).to_contain_text("After row 2 ")
    rows.get_by_role("button", name="Pause").click()
    stopped = rows.get_by_role("slider").input_value()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert rows.get_by_role("slider").input_value() == stopped
    expect(rows.get_by_role("button", name="Play")).to_be_visible()


def test_a_letter_is_read_to_its_end_by_hand(how: Visit) -> None:
    page = how()
    rows = player(page, "rows")
    rows.get_by_role("button", name="Q", exact=True).click()
    expect(rows.get_by_role("button", name="Q", exact=True)).to_have_attribute("aria-pressed", "true")
    rows.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(rows.locator("[data-part=words]")).to_have_text("Nothing read yet.")
    page.keyboard.press("End")
    expect(rows.locator("[data-part=words]")).to_contain_text("After row 28 of 28: Q")
    expect(rows.locator("[data-part=guess]")).to_have_text("Q")


def test_a_word_becomes_text_even_a_wrong_one(how: Visit) -> None:
    page = how()
    columns = player(page, "columns")
    columns.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(columns.locator("[data-part=words]")).to_have_text("It reads “letter”.")
    columns.get_by_role("button", name="hello").click()
    columns.get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(columns.locator("[data-part=words]")).to_contain_text("but was only")


def test_a_letter_of_the_map_is_chosen(how: Visit) -> None:
    page = how()
    mixed = player(page, "confusions")
    mixed.get_by_label("Show").select_option("O")
    expect(mixed.locator("[data-part=truth]")).to_have_text("O")
    expect(mixed.locator("[data-part=words]")).to_contain_text(" of 400")
    mixed.locator("[data-pair=L1]").click()
    expect(mixed.locator("[data-part=words]")).to_contain_text("L taken for 1")


def test_an_address_leads_to_its_part(how: Visit) -> None:
    page = how("#networks")
    expect(page.locator("#networks-title")).to_be_in_viewport()
    page.get_by_role("link", name="Data and licences").first.click()
    expect(page.locator("#data-title")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("how-it-works#data$"))


def test_the_page_is_light_and_the_first_one_fetches_none_of_it(visit: Visit, how: Visit) -> None:
    fetched = """(name) => performance.getEntriesByType('resource')
        .filter((each) => each.name.includes(`/brand/${name}`)).map((each) => each.decodedBodySize)"""
    assert visit().evaluate(fetched, "how") == []
    sizes = how().evaluate(fetched, "")
    assert len(sizes) >= 4
    assert sum(sizes) < HEAVIEST


def test_the_examples_are_chosen_with_the_keyboard_and_name_this_server(how: Visit) -> None:
    page = how()
    tabs = page.get_by_role("tablist", name="Language").get_by_role("tab")
    tabs.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(tabs.last).to_be_focused()
    expect(tabs.last).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_contain_text(shared_app())
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel")).to_contain_text("gradio_client")
    page.get_by_role("tabpanel").get_by_role("button").click()
    expect(page.get_by_role("tabpanel").get_by_role("button")).to_have_text(re.compile("Copied|by hand"))
