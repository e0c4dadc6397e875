"""UNIPEN's format, as its files use it and as they should not."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hwr.data import unipen_archive as archive
from hwr.errors import InputError

INK = """.COMMENT made for this test
.COORD X Y T
.WRITER_ID anna
.PEN_DOWN
0 0 1
10 20 2
20 0 3
.PEN_UP
.PEN_DOWN
5 8 4
15 8 5
.PEN_UP
16 9 6
17 9 7
.WRITER_ID bert and more
.PEN_DOWN
30 0 8
30 30 9
30 60 10
"""
SEGMENTS = """.VERSION 1.0
.INCLUDE abc/data/one.dat
.SEGMENT CHARACTER 0-1 OK "A"
.SEGMENT CHARACTER 3 ? "\\""
.SEGMENT CHARACTER 0:1-1:0 BAD "x"
.SEGMENT WORD 0,3:1-3:2 ? "two
words"
.SEGMENT TEXT 0-99 OK "beyond"
.SEGMENT CHARACTER 0 OK
"""


def folder(path: Path, **files: str) -> Path:
    """An archive with one document, ``data/2/abc/one.dat``."""
    for name, text in {"include/abc/data/one.dat": INK, "data/2/abc/one.dat": SEGMENTS, **files}.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="latin-1")
    return path


def document(root: Path) -> archive.Document:
    return archive.read(root, root / "data/2/abc/one.dat")


def test_segments_are_cut_out_of_the_components_that_have_points(tmp_path: Path) -> None:
    found = document(folder(tmp_path))
    assert (found.contributor, found.ink) == ("abc", "abc/data/one.dat")
    assert [(len(component.points), component.down) for component in found.components] == [(3, True), (2, True), (2, False), (3, True)]
    first, quote, part, both, beyond = found.segments  # what has no label is no sample
    assert [segment.label for segment in found.segments] == ["A", '"', "x", "two words", "beyond"]
    assert [stroke.tolist() for stroke in found.strokes(first)] == [[[0, 0], [10, 20], [20, 0]], [[5, 8], [15, 8]]]
    assert [stroke.tolist() for stroke in found.strokes(part)] == [[[10, 20], [20, 0]], [[5, 8]]]
    assert [len(stroke) for stroke in found.strokes(both)] == [3, 2]
    assert (found.writer(first), found.writer(quote)) == ("anna", "bert")
    with pytest.raises(InputError, match="not all there"):
        found.strokes(beyond)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"include/abc/data/one.dat": ".PEN_DOWN\n1 two\n"}, "else than numbers"),
        ({"include/abc/data/one.dat": ".PEN_DOWN\n1 nan\n"}, "not finite"),
        ({"include/abc/data/one.dat": ".COORD X T\n.PEN_DOWN\n1 2\n"}, "no X or no Y"),
        ({"include/abc/data/one.dat": ".INCLUDE abc/data/one.dat\n"}, "without an end"),
        ({"data/2/abc/one.dat": ".INCLUDE ../data/2/abc/one.dat\n"}, "outside"),
        ({"data/2/abc/one.dat": ".INCLUDE abc/none.dat\n"}, "missing"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, files: dict[str, str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        document(folder(tmp_path, **files))


def test_the_archive_is_found_within_a_folder(tmp_path: Path) -> None:
    assert archive.root_of(folder(tmp_path / "cdrom" / "train").parent) == tmp_path / "cdrom" / "train"
    (tmp_path / "data").mkdir()
    with pytest.raises(InputError, match="no UNIPEN archive"):
        archive.root_of(tmp_path / "data")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(INK.splitlines() + SEGMENTS.splitlines() + ["\0", ".PEN_DOWN 1 2", "9" * 40, '.SEGMENT A 1-0:9 ? "b"'])))
@example([".INCLUDE abc/data/one.dat", "\0"])
def test_whatever_the_lines_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    root = folder(tmp_path_factory.mktemp("unipen"), **{"data/2/abc/one.dat": "\n".join(lines)})
    with suppress(InputError):
        found = document(root)
        for segment in found.segments:
            assert all(np.isfinite(stroke).all() for stroke in found.strokes(segment))
