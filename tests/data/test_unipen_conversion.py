"""UNIPEN's files to the data set that the recipes read, on small files, and on real ones where they are."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hwr.cli import main
from hwr.data import unipen, unipen_archive
from hwr.data import unipen_conversion as conversion
from hwr.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
DATASETS = os.environ.get("HWR_DATASETS")


def written(letters: str, left: float, height: float) -> list[str]:
    """Components, one a letter: an arch of so many units, on the line at 0."""
    lines = []
    for number in range(len(letters)):
        x = left + 30 * number
        lines += [".PEN_DOWN", f"{x} 0", f"{x + 5} {height}", f"{x + 10} 0", f"{x + 15} {height}", f"{x + 20} 0", ".PEN_UP"]
    return lines


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two writers with words and their letters, one with single letters only; and what must be left out."""
    files = {}
    for writer, height in (("anna", 20), ("bert", 40)):
        files[f"include/abc/data/{writer}.dat"] = "\n".join([".COORD X Y", f".WRITER_ID {writer}", *written("nun", 0, height)])
        files[f"data/7/abc/{writer}.dat"] = f'.INCLUDE abc/data/{writer}.dat\n.SEGMENT WORD 0-2 OK "nun"\n.SEGMENT WORD 0-2 BAD "bad"\n'
        files[f"data/2/abc/{writer}.dat"] = f'.INCLUDE abc/data/{writer}.dat\n.SEGMENT CHARACTER 0 ? "n"\n.SEGMENT CHARACTER 1 ? "ü"\n'
    files["include/sta/data/carl.dat"] = "\n".join([".COORD X Y", *written("nn", 0, 100), ".PEN_DOWN", "0 0", "5 9000"])
    files["data/2/sta/carl.dat"] = (
        '.INCLUDE sta/data/carl.dat\n.SEGMENT CHARACTER 0 ? "n"\n.SEGMENT CHARACTER 1 ? "n"\n.SEGMENT CHARACTER 2 ? "l"\n'
    )
    files["data/2/sta/lost.dat"] = '.INCLUDE sta/data/lost.dat\n.SEGMENT CHARACTER 0 ? "n"\n'
    path = tmp_path / "train.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"train/{name}", text.encode("latin-1"))
    return path


def test_what_comes_out_is_what_the_recipes_read(source: Path, tmp_path: Path) -> None:
    converted = conversion.convert(source, tmp_path / "out")
    assert [reason for reason in converted.skipped if "lost" in reason] == converted.skipped
    assert len(converted.skipped) == 1
    rows = {}
    for split in conversion.SPLITS:
        for kind in filter(converted.counts[split].get, conversion.KINDS):
            found = unipen.load(str(tmp_path / "out"), split, kind)
            assert all(conversion.split_of(writer) == split for writer in found.writers)
            for text, strokes, writer, reliable in zip(found.texts, found.strokes, found.writers, found.case_reliable, strict=True):
                rows.setdefault((writer, text), []).append((strokes, reliable))
    assert set(rows) == {("anna", "nun"), ("bert", "nun"), ("anna", "n"), ("bert", "n"), ("carl", "n")}
    for name in ("nun", "n"):  # of one size, however large the tablet's unit is; y grows downwards
        one, other = rows["anna", name][0][0], rows["bert", name][0][0]
        assert [len(stroke) for stroke in one] == [5] * len(name)
        assert np.ptp(np.concatenate(one)[:, 1]) == np.ptp(np.concatenate(other)[:, 1])
        assert one[0][0, 1] > one[0][1, 1] == 0
    assert [reliable for _, reliable in rows["carl", "n"]] == [False, False]
    card = (tmp_path / "out" / "README.md").read_text()
    assert "CC BY 4.0" in card
    assert "1 files or segments could not be read" in card


def test_a_character_of_a_word_that_is_there_is_in_context(source: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    conversion.convert(source, tmp_path / "out")
    rows = [row for split in conversion.SPLITS for row in pq.read_table(tmp_path / "out" / f"{split}.parquet").to_pylist()]
    assert {(row["writer"], row["in_context"]) for row in rows if row["kind"] == "char"} == {
        ("anna", True),
        ("bert", True),
        ("carl", False),
    }
    assert not any(row["in_context"] for row in rows if row["kind"] != "char")
    assert all(sum(row["pen_up"]) == len(row["text"]) for row in rows)


def test_the_command_says_what_it_made_and_what_it_left_out(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dataset", "unipen", str(source), "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "words" in said.out
    assert "lost" in said.err
    assert main(["dataset", "unipen", str(source), "-o", str(tmp_path / "out")]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["missing", "no archive", "empty"])
def test_what_is_no_archive_is_refused_and_leaves_nothing(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "source.zip"
    if kind == "no archive":
        path.write_bytes(b"PK\x03\x04 but no more")
    elif kind == "empty":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data/2/readme", "")
            archive.writestr("include/readme", "")
    with pytest.raises(InputError, match=r"no file|can't be unpacked|holds no characters"):
        conversion.convert(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_an_archive_that_holds_more_than_there_is_room_for(
    kind: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "tar.gz":
        with zipfile.ZipFile(source) as archive:
            archive.extractall(tmp_path / "files")
        source = Path(shutil.make_archive(str(tmp_path / "train"), "gztar", tmp_path / "files"))
    conversion.convert(source, tmp_path / "out")
    monkeypatch.setattr(unipen_archive, "LARGEST", 300)
    with pytest.raises(InputError, match=r"train\..* holds more than the 300 bytes"):
        conversion.convert(source, tmp_path / "more")
    assert not (tmp_path / "more").exists()


def test_a_tar_that_was_cut_off(source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        archive.extractall(tmp_path / "files")
    packed = Path(shutil.make_archive(str(tmp_path / "train"), "gztar", tmp_path / "files"))
    packed.write_bytes(packed.read_bytes()[:-400])
    with pytest.raises(InputError, match="can't be unpacked"):
        conversion.convert(packed, tmp_path / "out")


@pytest.mark.skipif(not DATASETS or not Path(DATASETS, "unipen-sample.zip").exists(), reason="needs UNIPEN's own files (HWR_DATASETS)")
def test_real_files_agree_with_the_data_set_that_was_made_of_all() -> None:
    assert DATASETS is not None
    command = ["benchmarks/unipen_agreement.py", str(Path(DATASETS, "unipen-sample.zip")), str(Path(DATASETS, "unipen-ink"))]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=300)
    figures = json.loads(done.stdout)
    assert figures["held"] > 0.9 * figures["samples"]
    assert figures["split_and_flags_agree"] == 1
    assert figures["equal"] > 0.99
