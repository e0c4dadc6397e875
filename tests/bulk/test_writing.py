"""The factory of handwriting: what a row holds, and that kills cost nothing."""

from pathlib import Path

import numpy as np
import pytest
from bulk_killing import finish, kill_after, shards
from datasets import load_dataset

from hwr import InputError, cli
from hwr.bulk import writing
from hwr.bulk.shards import Shards

TEXTS = ["over the hills", "Dear Zoë, 27.5", "中文"]

pytestmark = pytest.mark.xdist_group("ray")  # each starts processes of its own: two at once would only wait for each other


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> list[dict]:
    shards = Shards(tmp_path_factory.mktemp("job") / "out", {}, 2)
    worker = writing.ShardWriter(shards, TEXTS, 30, 24, 3, False, None, None)
    for number in range(2):
        worker({"shard": number})
    shards.finish("a card")
    return list(load_dataset(str(shards.folder), split="train"))


def test_every_text_is_written_and_what_cannot_be_is_told(rows: list[dict]) -> None:
    assert [row["number"] for row in rows] == list(range(30))
    assert [row["text"] for row in rows] == TEXTS * 10
    for row in rows:
        assert (row["error"] is None) == (row["text"] != "中文") == (row["image"] is not None)
        assert {"clean", "photograph"} >= {row["look"]} or row["error"]


def test_boxes_are_where_the_ink_is(rows: list[dict]) -> None:
    written = [row for row in rows if row["error"] is None]
    for row in written:
        width, height = row["image"].size
        points = np.concatenate([np.array(stroke) for stroke in row["strokes"]])
        assert (points >= 0).all()
        assert (points < (width, height)).all()
        assert [word["text"] for word in row["words"]] == row["text"].split()
        assert "".join(letter["char"] for letter in row["letters"]) == row["text"].replace(" ", "")
        assert all(row["text"][letter["position"]] == letter["char"] for letter in row["letters"])
        boxes = np.array([word["box"] for word in row["words"]])
        np.testing.assert_allclose(boxes[:, :2].min(0), points.min(0), atol=1.5)
        np.testing.assert_allclose(boxes[:, 2:].max(0), points.max(0), atol=1.5)
    for row in written:
        if row["look"] != "clean":
            continue
        ink = np.argwhere(np.array(row["image"].convert("L")) < 128)[:, ::-1]
        boxes = np.array([word["box"] for word in row["words"]])
        room = row["core"] * 0.25 + 1.5  # half of the widest pen
        assert np.abs(ink.min(0) - boxes[:, :2].min(0)).max() <= room
        assert np.abs(ink.max(0) - boxes[:, 2:].max(0)).max() <= room
    assert {row["look"] for row in written} == {"clean", "photograph"}
    assert len({row["hand"] for row in written}) > 10


def test_kills_cost_no_row_and_double_none(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    out = tmp_path / "out"
    words = ["write", "--texts", str(tmp_path / "texts.txt"), "--out", str(out), "--number", "100", "--shard-size", "8", "--workers", "2"]
    first = kill_after(2, out, *words)
    second = kill_after(len(first) + 2, out, *words)
    assert 2 <= len(first) < len(second) < 13
    kept = {name: (out / "data" / name).stat().st_mtime_ns for name in second}
    assert "with an error" in finish(*words)
    assert len(shards(out)) == 13
    assert all((out / "data" / name).stat().st_mtime_ns == when for name, when in kept.items())  # none was made again
    assert len(list((out / "data").iterdir())) == 13
    loaded = load_dataset(str(out), split="train")
    assert loaded["number"][:] == list(range(100))
    assert "synthetic" in (out / "README.md").read_text()
    # And what was made is what a single process makes of the same numbers.
    worker = writing.ShardWriter(Shards(tmp_path / "other", {}, 13), TEXTS, 100, 8, 0, False, None, None)
    for expected, row in zip(worker.rows(7), list(loaded)[56:64], strict=True):
        assert row["hand"] == expected["hand"]
        assert [letter["char"] for letter in row["letters"]] == [letter["char"] for letter in expected["letters"]]
        for stroke, same in zip(row["strokes"], expected["strokes"], strict=True):
            np.testing.assert_allclose(stroke, same, atol=0.02)


def test_wrong_arguments_are_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.txt").write_text("\n \n")
    (tmp_path / "a.txt").write_text("a")
    for words in (
        [],
        ["--texts", str(tmp_path / "a.txt")],
        ["--texts", str(tmp_path / "none.txt"), "--out", str(tmp_path / "out")],
        ["--texts", str(tmp_path / "empty.txt"), "--out", str(tmp_path / "out")],
        ["--texts", str(tmp_path / "a.txt"), "--out", str(tmp_path / "out"), "--number", "0"],
        ["--texts", str(tmp_path / "a.txt"), "--out", str(tmp_path / "out"), "--model", str(tmp_path)],
        ["--texts", str(tmp_path / "a.txt"), "--out", str(tmp_path)],
    ):
        assert cli.main(["write", *words]) == 2
        assert capsys.readouterr().err.startswith("hwr: ")
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match="at least one worker"):
        writing.write(str(tmp_path / "a.txt"), str(tmp_path / "new"), number=1, workers=0)
