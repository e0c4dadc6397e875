"""What is heavy runs on a borrowed graphics card where there are such, and as ever elsewhere."""

import os
import sys
from typing import Any

import pytest
import zero_gpu

from hwr.errors import InputError
from hwr.system import deadline
from hwr.system.deadline import Deadline
from hwr.ui.guard import UNEXPECTED
from hwr.ui.zero import on_gpu


def heavy(device: str, number: int) -> tuple[str, int, int]:
    deadline.check()
    if number < 0:
        raise InputError("The number is below 0.")
    if number == 0:
        raise KeyError("secret")
    return device, 2 * number, os.getpid()


@pytest.fixture
def space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", zero_gpu)
    zero_gpu.TASKS.clear()


@pytest.mark.parametrize("value", [None, "", "0", "false"])
def test_elsewhere_nothing_is_different(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    if value is not None:
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
    monkeypatch.setitem(sys.modules, "spaces", None)  # and is not imported
    assert on_gpu(heavy)(4) == ("cpu", 8, os.getpid())
    with pytest.raises(KeyError):
        on_gpu(heavy)(0)


def test_with_a_card_it_runs_in_a_process_of_its_own(space: None) -> None:
    device, result, process = on_gpu(heavy)(4)
    assert (device, result) == ("auto", 8)
    assert process != os.getpid()
    assert len(zero_gpu.TASKS) == 1


def test_an_error_keeps_its_sentence(space: None) -> None:
    with pytest.raises(InputError, match=r"^The number is below 0\.$"):
        on_gpu(heavy)(-1)
    with pytest.raises(InputError, match=UNEXPECTED):
        on_gpu(heavy)(0)


def test_the_first_callers_deadline_is_not_that_of_the_process(space: None) -> None:
    function = on_gpu(heavy)
    with Deadline(60) as ending:
        ending.stop()
        assert function(1)[0] == "auto"


def test_without_a_card_to_be_had_the_processor_does_it(space: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise RuntimeError("quota exceeded")

    monkeypatch.setattr(zero_gpu, "GPU", lambda task, duration: refused)
    assert on_gpu(heavy)(4) == ("cpu", 8, os.getpid())


def test_only_the_evaluation_of_archives_is_marked(space: None) -> None:
    from app_server import ink_reader, pen_writer, pixel_writer, reader, recognizer

    from hwr.ui import Models, build, first_page

    build(Models(recognizer(), reader(), ink_reader(), pen_writer(), pixel_writer()), first_page.shipped())
    assert len(zero_gpu.TASKS) == 1
