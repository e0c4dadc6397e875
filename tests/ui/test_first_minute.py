"""What a visitor sees before asking for anything."""

import json
import re
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np
import pytest
from app_server import ROOT, ink_reader, pen_writer, reader, recognizer
from browsing import needs_chromium
from playwright.sync_api import Page, expect

from hwr.ink.rendering import TEXT_PAD_SIZE
from hwr.predictors.strokes import StrokesReader
from hwr.ui import greeting
from hwr.ui.character import handlers as character
from hwr.ui.pad import Greeting
from hwr.ui.text import handlers as text


class Asked(gr.EventData):
    """What a pad asks while it greets."""

    def __init__(self, data: Any) -> None:
        super().__init__(None, data)


@pytest.fixture(scope="module")
def words() -> Greeting:
    return greeting.of_words(pen_writer())


# --- the greeting, as it is made and read ---


def test_the_greeting_is_the_pen_networks_and_reads_as_it_should(words: Greeting) -> None:
    for number, (meant, _) in enumerate(greeting.WORDS):
        strokes = greeting.beginning(words, number, words.parts)
        points = np.concatenate(strokes)
        assert (points >= 0).all()
        assert (points <= np.array(TEXT_PAD_SIZE)).all()
        found, _ = StrokesReader(reader(), ink_reader()).read(strokes)
        assert found.text.lower() == meant.lower()
    letters = greeting.of_letters(pen_writer())
    for number, (meant, _) in enumerate(greeting.LETTERS):
        assert recognizer().predict_strokes(greeting.beginning(letters, number, letters.parts)).char.lower() == meant


def test_parts_grow_to_the_whole_word(words: Greeting) -> None:
    for word in range(len(words.words)):
        sizes = [sum(map(len, greeting.beginning(words, word, part))) for part in range(1, words.parts + 1)]
        assert sizes == sorted(sizes)
        assert 0 < sizes[0] < sizes[-1] == sum(map(len, words.words[word]))


@pytest.mark.parametrize(
    "said", [None, 5, {}, {"word": 99, "part": 1}, {"word": 0, "part": 0}, {"word": "0", "part": 1}, {"word": -1, "part": 1}, []]
)
def test_whatever_a_browser_asks_is_a_part_of_the_greeting(words: Greeting, said: Any) -> None:
    assert greeting.asked(Asked(said), words) == (0, words.parts)


def test_what_is_remembered_of_readings_is_bounded(words: Greeting) -> None:
    mode = text.Handlers(reader(), StrokesReader(reader(), ink_reader()), words)
    for part in [1, words.parts] * 5:
        mode.greet(Asked({"word": 0, "part": part}))
    assert len(mode._greeted) == 2
    assert 'data-text="Hello"' in mode.greet(Asked({"word": 0, "part": words.parts}))[0]
    letters = greeting.of_letters(pen_writer())
    other = character.Handlers(recognizer(), letters)
    assert 'data-label="h"' in other.greet(Asked({"word": 0, "part": letters.parts}))[0]


def test_a_pen_of_few_hands_and_letters_greets_as_well(pen: Any) -> None:
    assert len(greeting.of_words(pen).words) == len(greeting.WORDS)
    assert len(greeting.of_letters(pen).words) == len(greeting.LETTERS)


# --- the page ---


@needs_chromium
def test_a_greeting_is_read_while_it_is_written_until_the_pad_is_touched(visit: Callable[..., Page]) -> None:
    page = visit(reduced_motion="no-preference")
    ink = page.locator("#text-pad .pad-greeting path")
    lengths = page.evaluate(
        """() => new Promise((done) => {
            const path = document.querySelector("#text-pad .pad-greeting path"), seen = new Set();
            const look = () => {
                seen.add(path.getAttribute("d")?.length ?? 0);
                if (seen.size > 5) done([...seen]);
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )
    assert len(set(lengths)) > 5
    expect(page.locator("#transcript [data-text]")).to_have_attribute("data-text", re.compile("^(Hello|write here|Longhand)$"))
    expect(page.locator("#spikes .hwr-strip text").first).to_be_attached()
    expect(page.locator("#text-pad canvas")).to_have_attribute("aria-label", re.compile("Empty"))
    box = page.locator("#text-pad canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 80, box["y"] + 80)
    page.mouse.down()
    expect(ink).to_have_count(0)
    page.mouse.move(box["x"] + 120, box["y"] + 160, steps=5)
    page.mouse.up()
    expect(page.locator("#text-pad canvas")).to_have_attribute("aria-label", re.compile("1 stroke"))
    page.locator("#text-pad button[data-action=clear]").click()
    expect(page.locator("#transcript")).to_contain_text("The text appears here")
    expect(ink).to_have_count(0)


@needs_chromium
def test_who_wants_no_motion_sees_the_greeting_at_once(visit: Callable[..., Page]) -> None:
    page = visit()
    expect(page.locator("#transcript [data-text]")).to_have_attribute("data-text", "Hello")
    before = page.locator("#text-pad .pad-greeting path").get_attribute("d")
    page.get_by_role("tab", name="Write", exact=True).click()
    expect(page.locator("#pen-save")).to_be_enabled()
    expect(page.locator("#pen-page .paper-new")).to_have_count(0)
    page.get_by_role("tab", name="Recognize", exact=True).click()
    assert page.locator("#text-pad .pad-greeting path").get_attribute("d") == before


@needs_chromium
def test_ink_follows_every_letter_that_is_typed_and_every_hand_shows_the_first_word(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("tab", name="Write", exact=True).click()
    expect(page.locator("#pen-gallery [data-word='Dear']")).to_be_visible()
    field = page.locator("#pen-text textarea")
    field.fill("")
    for typed in ("n", "no", "now", "now ", "now i"):
        field.press_sequentially(typed[-1])
        expect(page.locator("#pen-page title")).to_have_text(typed, use_inner_text=False)
    expect(page.locator("#pen-gallery [data-word='now']")).to_be_visible()
    assert page.locator("#pen-gallery button").count() == len(pen_writer().gallery)
    page.locator("#pen-gallery button").nth(7).click()
    expect(page.locator("#pen-style input")).to_have_value("7")
    expect(page.locator("#pen-gallery button[aria-pressed=true]")).to_have_attribute("data-index", "7")


@needs_chromium
def test_examples_stand_where_nothing_was_made_yet(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("tab", name="Evaluate", exact=True).click()
    expect(page.locator("#evaluate-status")).to_contain_text("An example")
    expect(page.locator(".hwr-map")).to_be_visible()
    page.get_by_role("tab", name="Write", exact=True).click()
    page.get_by_role("tab", name="Pixels", exact=True).click()
    expect(page.locator("#pixels-picture img")).to_be_visible()
    expect(page.locator("#pixels-watch")).to_be_enabled()


def test_the_example_of_the_evaluation_is_what_its_command_makes() -> None:
    from benchmarks.page_examples import evaluated

    kept = json.loads((ROOT / "hwr/ui/evaluate/example.json").read_text(encoding="utf-8"))
    made = evaluated()
    assert {name: made[name] for name in ("summary", "figures")} == {name: kept[name] for name in ("summary", "figures")}
