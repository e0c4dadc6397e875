"""Sessions: what programs leave behind is little and bounded, and takes nothing from visitors."""

import asyncio

import gradio as gr
import pytest

from hwr.ui import sessions


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> sessions.Sessions:
    """The sessions of a small page with a state."""
    monkeypatch.setattr(sessions, "PROGRAMS", 3)
    monkeypatch.setattr(sessions, "VISITORS", 5)
    with gr.Blocks() as demo:
        for number in range(20):
            gr.Textbox(f"{number}" * 1000)
        gr.State([])
    found = sessions.Sessions()
    found.set_blocks(demo)
    return found


def visit(kept: sessions.Sessions, name: str) -> None:
    """An event of a visitor: the page's state is set."""
    state = next(key for key, block in kept.blocks.blocks.items() if isinstance(block, gr.State))
    kept[name][state] = name


def test_a_session_holds_no_copy_of_the_page(kept: sessions.Sessions) -> None:
    assert kept["anybody"].config_values == {}
    assert kept["anybody"].blocks_config.blocks.keys() == kept.blocks.default_config.blocks.keys()
    assert kept["anybody"] is kept["anybody"]


def test_programs_make_room_for_each_other_and_leave_visitors_alone(kept: sessions.Sessions) -> None:
    visit(kept, "visitor")
    for number in range(200):
        assert kept[f"program {number}"] is not None
    assert "visitor" in kept
    assert len(kept.session_data) <= 1 + 3
    assert len(kept.time_last_used) <= 1 + 3


def test_the_visitor_who_was_away_longest_goes_first(kept: sessions.Sessions) -> None:
    for number in range(9):
        visit(kept, f"visitor {number}")
        visit(kept, "visitor 0")
    assert kept["program"] is not None
    held = [name for name in kept.session_data if name.startswith("visitor")]
    assert "visitor 0" in held
    assert "visitor 8" in held
    assert "visitor 1" not in held


def test_what_a_component_shows_is_not_remembered(kept: sessions.Sessions) -> None:
    session = kept["anybody"]
    for key in kept.blocks.blocks:
        session._update_value_in_config(key, "x" * 1000)
        session._update_config(key)
    assert session.config_values == {}


def test_nothing_in_the_queue_is_left_of_a_session_that_is_gone(kept: sessions.Sessions) -> None:
    queue = kept.blocks._queue
    for number in range(20):
        queue.pending_event_ids_session[f"program {number}"] = {"under way"} if number < 2 else set()
        queue.pending_messages_per_session[f"program {number}"] = asyncio.Queue()
        assert kept[f"program {number}"] is not None
    left = queue.pending_event_ids_session.keys()
    assert {"program 0", "program 1"} < left
    assert len(left) <= 2 + 3 + 1
    assert queue.pending_messages_per_session.keys() == left
