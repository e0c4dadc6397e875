"""Ink in files of strangers: SVG, InkML and JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from hostile_files import LAUGHS, OUTSIDE, inkml, svg
from hypothesis import example, given
from hypothesis import strategies as st

from hwr import InputError
from hwr.ink.files import load_strokes, to_inkml

HOSTILE = {
    "script alone": (svg("<script>alert(1)</script>"), "no path"),
    "a billion laughs": (svg("<text>&a8;</text>", LAUGHS), "entities"),
    "an entity from elsewhere": (svg("<text>&a;</text>", OUTSIDE), "entities"),
    "groups without end": (svg("<g>" * 50_000 + "</g>" * 50_000), "too many elements"),
    "a path of curves without end": (svg(f'<path d="M0 0{"C1 1 2 2 3 3" * 300_000}"/>'), "1,800,002 numbers"),
    "points without end": (svg(f'<polyline points="{"1,1 " * 900_000}"/>'), "numbers"),
    "transforms without end": (svg(f'<g transform="{"scale(2) " * 200_000}"><path d="M0 0L9 9"/></g>'), "numbers"),
    "paths without end": (svg('<path d="M0 0L9 9"/>' * 150_000), "too many elements"),
    "curves that are sampled to too much": (svg(f'<path d="M0 0{"C1 1 2 2 3 3" * 15_000}"/>'), "too many curves"),
    "numbers that are none": (svg('<path d="M0 0Lnan nan"/>'), "can't be read"),
    "numbers out of range": (svg('<path d="M0 0L1e308 1e308L-1e308 5"/>'), "no path"),
    "traces without end": (inkml("<trace>" + "1 1," * 300_000 + "1 1</trace>"), "20,000 points"),
    "the same in UTF-16": (inkml("<trace>" + "1 1," * 300_000 + "1 1</trace>", "utf-16"), "20,000 points"),
    "words for numbers": (inkml("<trace>a b, c d</trace>"), "plain numbers"),
    "another document": (b"<html/>", "<html>"),
    "an encoding that nobody knows": (b'<?xml version="1.0" encoding="x-user"?><svg/>', "neither SVG"),
    "lists without end": (b"[" * 100_000, "not valid JSON"),
    "bytes": (bytes(range(256)), "neither SVG"),
    "nothing": (b"", "neither SVG"),
    "too much": (b" " * 5_000_001, "more than 5 MB"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_ink_is_a_sentence(name: str) -> None:
    source, says = HOSTILE[name]
    with pytest.raises(InputError, match=says):
        load_strokes(source if isinstance(source, bytes) else source.data)


def test_ink_comes_back(tmp_path: Path) -> None:
    strokes = [np.array([[0, 0], [10, 20], [30, 5]], np.float32), np.array([[5, 5]], np.float32)]
    for data in (to_inkml(strokes, "a\x00b"), json.dumps([stroke.tolist() for stroke in strokes])):
        found = load_strokes(data.encode())
        assert all(np.array_equal(one, other) for one, other in zip(strokes, found, strict=True))
    (tmp_path / "a.svg").write_bytes(svg('<path d="M0 0L10 20 30 5"/><line x1="1" y1="1" x2="9" y2="9"/>').data)
    assert [len(stroke) for stroke in load_strokes(str(tmp_path / "a.svg"))] == [3, 2]


TAGS = st.sampled_from(["path", "g", "polyline", "line", "circle", "ellipse", "rect", "use", "trace", "ink", "svg", "polygon", "x"])
NUMBERS = st.one_of(st.floats(width=32), st.integers(), st.sampled_from([float("nan"), float("inf"), 1e308, -0.0, "", "a", "1e999"]))
DATA = st.lists(st.one_of(st.sampled_from("MmLlHhVvCcSsQqTtAaZz,- "), NUMBERS), max_size=30).map(lambda parts: " ".join(map(str, parts)))
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["d", "points", "transform", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2", "y2", "x", "y", "width", "height", "id"]),
    DATA,
    max_size=5,
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """SVG or InkML whose elements and attributes stand in any order."""
    inner = ""
    for tag, attributes, text in draw(st.lists(st.tuples(TAGS, ATTRIBUTES, DATA), max_size=6)):
        said = "".join(f" {name}='{value}'" for name, value in attributes.items())
        inner = draw(st.sampled_from([f"<{tag}{said}>{text}{inner}</{tag}>", f"{inner}<{tag}{said}>{text}</{tag}>"]))
    outer = draw(st.sampled_from(["svg xmlns='http://www.w3.org/2000/svg'", "svg", "ink", "ink xmlns='http://www.w3.org/2003/InkML'"]))
    return f"<{outer}>{inner}</{outer.split()[0]}>".encode(errors="replace")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4)
)


@given(st.one_of(documents(), st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
@example(b"[[[1e400, 1]]]")
@example(b'{"strokes": null}')
def test_whatever_a_file_holds_it_is_ink_or_a_sentence(data: bytes) -> None:
    try:
        strokes = load_strokes(data)
    except InputError:
        return
    assert all(stroke.dtype == np.float32 and np.isfinite(stroke).all() for stroke in strokes)
