"""The page for everyone: axe-core finds nothing, the keyboard reaches everything, and nothing is cut off on small or magnified screens."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from app_server import shared_app
from axe_playwright_python.sync_playwright import Axe
from browsing import CHROMIUM_MARKS
from hostile_files import picture
from playwright.sync_api import Page, expect

pytestmark = CHROMIUM_MARKS

MODES = {
    "text": ([], "#transcript [data-text]"),
    "character": (["Character"], "#answer .hwr-char[data-label]"),
    "pen": (["Write"], "#pen-more:not([disabled])"),
    "pixels": (["Write", "Pixels"], "#pixels-watch:not([disabled])"),
    "evaluate": (["Evaluate"], ".hwr-map"),
}


def open_mode(page: Page, mode: str) -> None:
    """Until what stands there first is there."""
    tabs, shown = MODES[mode]
    for tab in tabs:
        page.get_by_role("tab", name=tab, exact=True).click()
    expect(page.locator(shown).first).to_be_visible()


def findings(page: Page) -> list[str]:
    """What axe-core finds, of any kind."""
    found = Axe().run(page).response["violations"]
    return [f"{each['impact']} {each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("mode", MODES)
def test_nothing_keeps_anybody_out(visit: Callable[..., Page], mode: str, theme: str, width: int) -> None:
    page = visit(theme, viewport={"width": width, "height": 800})
    open_mode(page, mode)
    assert findings(page) == []
    for closed in page.locator("button.label-wrap:visible").all():
        closed.click()
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nor_do_results(visit: Callable[..., Page], theme: str, tmp_path: Path) -> None:
    page = visit(theme)
    (tmp_path / "a.png").write_bytes(picture().data)
    page.locator("#text-examples button").nth(3).click()
    expect(page.locator("#page polygon")).to_have_count(1)
    page.get_by_text("Other readings").first.click()
    assert findings(page) == []
    open_mode(page, "character")
    page.locator("#examples button").nth(2).click()
    page.locator("#truth input").fill("s")
    expect(page.locator("#because .hwr-marked")).to_have_count(1)
    assert findings(page) == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nor_does_the_second_page(visit: Callable[..., Page], theme: str, width: int) -> None:
    page = visit(link=f"{shared_app()}/how-it-works?__theme={theme}", viewport={"width": width, "height": 800})
    expect(page.locator("#how [data-ready]")).to_be_visible()
    page.get_by_text("From its card").first.click()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("mode", MODES)
def test_a_page_at_200_percent_is_not_cut_off(visit: Callable[..., Page], mode: str) -> None:
    page = visit(viewport={"width": 640, "height": 400}, device_scale_factor=2)  # what 1280 pixels are then
    open_mode(page, mode)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_letter_is_drawn_and_read_with_the_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = visit()
    focused = page.locator(":focus")

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if focused.count() and focused.evaluate("(element, selector) => element.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached.")

    tab_to("button[role=tab][data-tab-id=character]")
    page.keyboard.press("Enter")
    expect(page.locator("#pad canvas")).to_be_visible()
    tab_to("#pad canvas")
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#pad canvas")).to_have_attribute("aria-label", re.compile("1 stroke"))
    expect(page.locator("#answer .hwr-char")).to_have_text("L")
    tab_to("#pad button[data-action=clear]")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("The answer appears here")
    tab_to("#examples button[data-index='0']")
    page.keyboard.press("Enter")
    expect(page.locator("#answer .hwr-char")).to_have_text("A")


def test_how_hard_a_pen_is_pressed_is_how_broad_it_draws(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 820, "height": 1180}, has_touch=True)
    pad = page.locator("#text-pad canvas")

    def stroke(y: float, pressures: tuple[float, float], kind: str) -> None:
        pad.evaluate(
            """(canvas, [y, from, to, pointerType]) => {
                canvas.setPointerCapture = () => {};
                const box = canvas.getBoundingClientRect();
                const fire = (type, x, pressure) => canvas.dispatchEvent(new PointerEvent(type,
                    {clientX: box.left + x, clientY: box.top + y, pointerId: 5, pointerType, pressure, button: 0, bubbles: true}));
                fire("pointerdown", 100, from);
                for (let x = 104; x <= 500; x += 4) fire("pointermove", x, from + (to - from) * (x - 100) / 400);
                fire("pointerup", 500, 0);
            }""",
            [y, *pressures, kind],
        )

    def breadths(y: float) -> list[int]:
        """Rows with ink around a height, at the left and at the right."""
        return pad.evaluate(
            """(canvas, y) => {
                const ratio = canvas.width / canvas.getBoundingClientRect().width;
                const screen = canvas.getContext("2d");
                return [120, 480].map((x) => {
                    const {data} = screen.getImageData(Math.round(x * ratio), Math.round((y - 20) * ratio), 1, Math.round(40 * ratio));
                    return data.filter((value, index) => index % 4 === 3 && value > 127).length;
                });
            }""",
            y,
        )

    stroke(60, (0.1, 1.0), "pen")
    light, heavy = breadths(60)
    assert heavy > 1.8 * light > 0
    stroke(140, (0.5, 0.5), "mouse")
    left, right = breadths(140)
    assert abs(left - right) <= 1
    expect(page.locator("#transcript .hwr-card")).to_be_visible()


def test_labels_say_what_controls_are(visit: Callable[..., Page]) -> None:
    """Each field and button of all modes has a name."""
    page = visit()
    for mode in MODES:
        open_mode(page, mode)
        unnamed: list[Any] = page.evaluate(
            """() => [...document.querySelectorAll("button, input:not([type=file]), textarea, canvas[tabindex]")]
                .filter((each) => each.offsetParent && !each.closest("[aria-hidden=true]"))
                .filter((each) => !(each.innerText || each.ariaLabel || each.title || each.labels?.[0]?.innerText
                    || each.closest("label")?.innerText || each.placeholder || each.querySelector("[aria-label], title, img[alt]")))
                .map((each) => each.outerHTML.slice(0, 200))"""
        )
        assert unnamed == []


def test_a_hundred_hands_are_one_stop_of_the_tab_key(visit: Callable[..., Page]) -> None:
    page = visit()
    open_mode(page, "pen")
    expect(page.locator("#pen-gallery button").first).to_be_visible()
    reached = page.locator("#pen-gallery button[tabindex='0']")
    expect(reached).to_have_count(1)
    reached.focus()
    page.keyboard.press("Home")
    expect(page.locator("#pen-gallery button").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#pen-style input")).to_have_value("1")
    page.keyboard.press("End")
    expect(page.locator("#pen-gallery button").last).to_be_focused()


def test_what_changes_by_itself_is_not_spoken(visit: Callable[..., Page]) -> None:
    page = visit()
    expect(page.locator("#transcript [data-text]")).to_be_visible()
    assert page.locator("#transcript [aria-live]").count() == 0  # the greeting
    page.locator("#text-examples button").first.click()
    expect(page.locator("#transcript [aria-live]")).to_have_attribute("data-text", "hello")
