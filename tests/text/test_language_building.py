"""Counting texts and lists of words."""

from pathlib import Path

import pytest

from hwr import InputError
from hwr.text.language_building import read_text, read_words


def test_lists_and_texts_become_sources(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("cat\t100\nna\u00efve\t5\nDog\t1\n", encoding="utf-8")
    words = read_words(tmp_path / "words.tsv", 2.0)
    assert {"cat", "Cat", "CAT", "Dog", "DOG"} == set(words.lines)
    weight = dict(zip(words.lines, words.weights, strict=True))
    assert weight["cat"] > weight["Cat"] > weight["CAT"] > 0
    assert sum(len(line) * w for line, w in zip(words.lines, words.weights, strict=True)) == pytest.approx(2e6)
    (tmp_path / "text.txt").write_text("one  line\n\nand another\n")
    assert read_text(tmp_path / "text.txt").lines == ["one line", "and another"]


@pytest.mark.parametrize("content", ["", "word\n", "word\tmany\n", "word\t-1\n", "\t5\n"])
def test_a_list_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "words.tsv").write_text(content)
    with pytest.raises(InputError):
        read_words(tmp_path / "words.tsv")
