"""Ink from Parquet to arrays."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hwr.charset import CLASS_OF
from hwr.data import unipen
from hwr.errors import InputError

ROWS = [
    {"text": "1 9 8 4 in", "kind": "word", "writer": "a", "contributor": "hpb", "case_reliable": True},
    {"text": "1 9", "kind": "word", "writer": "b", "contributor": "kai", "case_reliable": False},
    {"text": "c", "kind": "char", "writer": "a", "contributor": "kai", "case_reliable": False},
    {"text": "a", "kind": "char", "writer": "a", "contributor": "kai", "case_reliable": False},
    {"text": "B", "kind": "char", "writer": "b", "contributor": "kai", "case_reliable": True},
    {"text": "?", "kind": "char", "writer": "b", "contributor": "kai", "case_reliable": True},
]
INK = {"x": [0, 10, 20, 30], "y": [0, 5, 5, 0], "pen_up": [False, True, False, True]}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    pq.write_table(pa.Table.from_pylist([row | INK for row in ROWS]), tmp_path / "test.parquet")
    return str(tmp_path)


def test_samples_of_one_kind_come_as_strokes(folder: str):
    words = unipen.load(folder, "test", "word")
    assert words.texts == ["1984 in", "1 9"]  # one institution sets digits apart in its labels, not in its ink
    assert (words.writers, words.contributors) == (["a", "b"], ["hpb", "kai"])
    assert words.case_reliable.tolist() == [True, False]
    assert [stroke.tolist() for stroke in words.strokes[0]] == [[[0, 0], [10, 5]], [[20, 5], [30, 0]]]
    assert all(stroke.dtype == np.float32 for stroke in words.strokes[0])


def test_characters_are_labelled_as_far_as_their_case_is_known(folder: str):
    characters = unipen.load(folder, "test", "char")
    strokes, labels = unipen.labelled_characters(characters, unreliable_case=False)
    assert labels.tolist() == [CLASS_OF["B"]]
    assert len(strokes) == 1
    _, labels = unipen.labelled_characters(characters, unreliable_case=True)
    assert labels.tolist() == [CLASS_OF["C"], CLASS_OF["B"]]


def test_what_is_no_ink_data_set_is_refused(tmp_path: Path):
    pq.write_table(pa.table({"text": ["a"], "kind": ["char"]}), tmp_path / "test.parquet")
    with pytest.raises(InputError, match="lacks the columns writer, contributor"):
        unipen.load(str(tmp_path), "test", "char")
    with pytest.raises(InputError, match="can't be loaded"):
        unipen.load(str(tmp_path), "train", "char")


def test_a_data_set_that_is_nowhere_says_which_command_makes_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="hwr dataset unipen"):
        unipen.load("unipen-ink", "train", "word")
