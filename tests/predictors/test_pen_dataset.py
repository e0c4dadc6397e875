"""The data set that the pen writes: its layout, its splits, its texts."""

import datasets
import numpy as np
import pytest

from hwr import InputError, cli
from hwr.data import unipen as ink_data
from hwr.hub.finding import beside_package
from hwr.predictors import pen_dataset

WORDS = [f"{a}{b}{c}" for a in "bdäß" for b in "aeioué" for c in "nmrst"]
SENTENCES = [f"Le {word} de Müller n'est pas « {word} »." for word in WORDS]


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("texts")
    (folder / "fr.tsv").write_text("".join(f"{word}\t{1 + index}\n" for index, word in enumerate(WORDS)), encoding="utf-8")
    (folder / "fr.txt").write_text("\n".join(SENTENCES), encoding="utf-8")
    return [f"{folder / 'fr.tsv'}=2", str(folder / "fr.txt")]


@pytest.fixture(scope="module")
def hands(tmp_path_factory) -> str:
    """Zigzags as words, of one writer for each split."""
    folder = tmp_path_factory.mktemp("hands")
    x, y = 20 * np.arange(12), 100 * (np.arange(12) % 2)
    for split in ("train", "validation", "test"):
        row = {"text": "unum", "kind": "word", "writer": split, "contributor": "abc", "case_reliable": True}
        rows = [row | {"x": x + shift * (x > 100), "y": y, "pen_up": [False] * 11 + [True]} for shift in range(10)]
        datasets.Dataset.from_list(rows).to_parquet(folder / f"{split}.parquet")
    return str(folder)


def test_the_command_writes_words_and_lines_that_can_be_learnt_from(texts, hands, tmp_path, capsys):
    if beside_package("weights/pen-best") is None:
        pytest.skip("no weights are shipped")
    folder = tmp_path / "written"
    command = ["dataset", "written", *texts, "--ink", hands, "--words", "50", "--lines", "25", "-o", str(folder)]
    assert cli.main(command) == 0
    assert "texts in validation" in capsys.readouterr().out
    seen = {}
    for split in ("train", "validation", "test"):
        words, lines = (ink_data.load(str(folder), split, kind) for kind in ("word", "line"))
        assert all(" " not in text for text in words.texts)
        assert all(len(text) <= pen_dataset.LONGEST_LINE for text in lines.texts)
        for ink in (words, lines):
            points = [np.concatenate(strokes) for strokes in ink.strokes]
            assert all(ours.min() >= 0 and np.ptp(ours[:, 0]) < 900 * len(text) for ours, text in zip(points, ink.texts, strict=True))
        seen[split] = {text.lower() for text in words.texts if text.lower() in WORDS}
    assert seen["train"]
    assert seen["train"].isdisjoint(seen["validation"] | seen["test"])
    assert any(not text.isascii() for text in ink_data.load(str(folder), "train", "word").texts)
    assert cli.main(command) == 2  # it is there already


def test_words_keep_to_their_split_and_forms(texts):
    sources = [pen_dataset.read_texts(path.partition("=")[0], 1.0, "train") for path in texts]
    rng = np.random.default_rng(0)
    for _ in range(200):
        text, name = pen_dataset.drawn_text(sources, "word", rng)
        assert text
        assert name == "fr"
        line, _ = pen_dataset.drawn_text(sources, "line", rng)
        assert 0 < len(line) <= pen_dataset.LONGEST_LINE
        assert any(line in pen_dataset.readable(sentence) for sentence in SENTENCES)
    with pytest.raises(InputError, match="running text"):
        pen_dataset.drawn_text(sources[:1], "line", rng)


@pytest.mark.parametrize("content", ["", "word\n", "word\t-1\n", "漢字\t5\n"])
def test_a_list_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "words.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        pen_dataset.read_texts(tmp_path / "words.tsv", 1.0, "train")
    with pytest.raises(InputError):
        pen_dataset.read_texts(tmp_path / "missing.txt", 1.0, "train")
