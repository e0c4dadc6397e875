"""What is evaluated, what is left out and why, and the figures."""

import csv
import io
import json
import stat
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from app_server import ROOT, reader, recognizer
from collecting import archive, good, named, png, run
from glyphs import glyphs
from sklearn import metrics as sk

from hwr import CharLSTM, CharRecognizer, InputError
from hwr.charset import CLASSES
from hwr.errors import TimeUpError
from hwr.evaluation import report
from hwr.evaluation import run as batch
from hwr.evaluation.collections.opening import open_collection
from hwr.evaluation.result import Evaluation
from hwr.system.deadline import Deadline


def test_figures_are_those_of_scikit_learn_on_the_same_predictions(found: Evaluation, tmp_path: Path):
    found.save_predictions(tmp_path / "p.csv")
    rows = list(csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8")))
    truth, read = [row["truth"] for row in rows], [row["read_1"] for row in rows]
    metrics = found.metrics()
    assert metrics["n"] == len(rows) == 94
    assert metrics["accuracy"] == sk.accuracy_score(truth, read)
    assert metrics["macro_f1"] == sk.f1_score(truth, read, average="macro", labels=sorted(set(truth)), zero_division=0)
    assert metrics["weighted_f1"] == sk.f1_score(truth, read, average="weighted", labels=sorted(set(truth)), zero_division=0)
    assert metrics["cohen_kappa"] == pytest.approx(sk.cohen_kappa_score(truth, read))
    assert json.loads(json.dumps(metrics)) == metrics
    assert metrics["skipped"] == []
    assert found.scheme == "names"


def test_the_recogniser_alone_says_the_same(found: Evaluation, folders: Path):
    with zipfile.ZipFile(folders) as file:
        results = recognizer().predict_batch([file.read(name) for name in file.namelist()])
    rows = list(found.predictions())
    assert [row[2] for row in rows] == [result.char for result in results]
    np.testing.assert_allclose([row[3] for row in rows], [result.confidence for result in results], atol=1e-4)


def test_two_models_are_compared(folders: Path):
    other = CharRecognizer.from_pretrained("char-reference")
    found = run(folders, against=other)
    alone = batch.evaluate(open_collection(folders), other, reader())
    assert found.comparison is not None
    assert found.comparison["second_accuracy"] == alone.metrics()["accuracy"]
    assert found.comparison["only_first"] + found.comparison["only_second"] == len(found.differing)


def test_texts_and_characters_go_through_the_same_door():
    found = batch.evaluate(open_collection(ROOT / "hwr/ui/evaluate/sets/strokes.zip"), recognizer(), reader()).metrics()
    assert found["n_texts"] == 48
    assert found["n_characters"] == 144
    assert found["n"] == 48 + 144
    assert 0 <= found["cer"] <= found["wer"] <= 1
    edits = found["substitutions"] + found["insertions"] + found["deletions"]
    assert found["cer"] == pytest.approx(edits / (12 * len("hellowritesound1984")))


def test_a_limit_and_wrong_labels(folders: Path):
    found = batch.evaluate(open_collection(folders, limit=10), recognizer(), reader()).metrics()
    assert found["n"] == 10
    with pytest.raises(InputError, match="means nothing as hex"):
        run(folders, labels="hex")
    with pytest.raises(InputError, match="labels must be"):
        run(folders, labels="what")


def bad_entries() -> dict[str, bytes]:
    """Entries that can't be used, by names that say so."""
    picture = png(glyphs(1)[0][0])
    buffer = io.BytesIO()
    archive_inside = zipfile.ZipFile(buffer, "w")
    archive_inside.writestr("a.png", picture)
    archive_inside.close()
    bomb = bytearray(picture)
    bomb[16:24] = (50_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    return {
        "upper_A/empty.png": b"",
        "upper_A/text.png": b"this is a text",
        "upper_A/truncated.png": picture[: len(picture) // 2],
        "upper_A/header.png": picture[:20],
        "upper_A/damaged.png": picture[:60] + bytes(20) + picture[80:],
        "upper_A/bomb.png": bytes(bomb),
        "upper_A/page.html": b"<html>",
        "upper_A/inner.zip": buffer.getvalue(),
        "upper_A/inner.tar.gz": b"\x1f\x8b",
        "upper_A/vector.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "upper_A/sound.wav": b"RIFF0000WAVE",
        "upper_5/wrong_class.png": picture,
        "question mark/no_class.png": picture,
        "no_folder.png": picture,
        "../outside.png": picture,
        "/absolute.png": picture,
        "C:/windows.png": picture,
        "upper_A/zeros.png": bytes(2_000_000),
    }


def test_bad_entries_are_listed_and_none_is_fatal(tmp_path: Path):
    entries = named(good(940))
    bad = bad_entries()
    path = archive(tmp_path / "mixed.zip", entries | bad)
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("upper_A/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("upper_A/empty.png", b"again")
        file.writestr("__MACOSX/upper_A/._1.png", b"resource fork")
        file.writestr("upper_A/.DS_Store", b"x")
        file.writestr("README.txt", b"about these")
    metrics = run(path).metrics()
    assert metrics["n"] == 940
    assert metrics["unread_characters"] == 0
    listed = [entry["name"] for entry in metrics["skipped"]]
    assert sorted(listed) == sorted([*bad, "upper_A/link.png", "upper_A/empty.png"])
    assert all(len(entry["reason"]) > 10 and "Traceback" not in entry["reason"] for entry in metrics["skipped"])


def blank_pictures() -> dict[str, bytes]:
    """Pictures that are whole and show nothing."""
    pixels = {"blank": np.zeros((28, 28)), "white": np.full((60, 60), 255), "tiny": np.zeros((1, 1))}
    return {f"upper_A/{name}.png": png(values.astype(np.uint8)) for name, values in pixels.items()}


def test_what_a_model_finds_nothing_in_is_its_error(tmp_path: Path, found: Evaluation):
    blank = blank_pictures()
    metrics = run(archive(tmp_path / "a.zip", named(good(94)) | blank)).metrics()
    before = found.metrics()
    assert metrics["skipped"] == []
    assert (metrics["n"], metrics["n_characters"], metrics["unread_characters"]) == (97, 97, 3)
    assert metrics["accuracy"] == pytest.approx(before["accuracy"] * 94 / 97)
    recalls = [next(row for row in some["per_class"] if row["char"] == "A") for some in (before, metrics)]
    assert recalls[1]["n"] == recalls[0]["n"] + 3
    assert recalls[1]["recall"] == pytest.approx(recalls[0]["recall"] * recalls[0]["n"] / recalls[1]["n"])
    assert metrics["ece"] == pytest.approx(before["ece"])
    assert {"truth": "A", "read_as": "", "count": 3, "share": 3 / recalls[1]["n"]} in metrics["confusions"]


def test_what_a_reader_finds_nothing_in_is_its_error(tmp_path: Path):
    blank, pictures = blank_pictures(), list(good(4).values())[:2]
    table = "file_name,label\n" + "".join(f"{name},hello\n" for name in blank) + "a.png,it\nb.png,na\u00efve\n"
    entries = blank | dict(zip(("a.png", "b.png"), pictures, strict=True)) | {"labels.csv": table.encode()}
    found = run(archive(tmp_path / "a.zip", entries))
    metrics = found.metrics()
    assert metrics["skipped"] == []
    assert (metrics["n"], metrics["n_characters"], metrics["n_texts"], metrics["unread_texts"]) == (5, 0, 5, 3)
    assert metrics["deletions"] >= 15
    assert [row[2] for row in found.predictions()][:3] == ["", "", ""]


def foreign(classes: str) -> CharRecognizer:
    """A model of other classes, untrained."""
    torch.manual_seed(0)
    return CharRecognizer(CharLSTM(classes=classes, hidden_size=8, num_layers=1), "user/foreign")


@pytest.mark.parametrize("classes", ["zyxwvutsrqponmlkjihgfedcba", "AB", "".join(map(chr, range(33, 127)))])
def test_classes_are_those_of_the_model(tmp_path: Path, classes: str):
    picture = png(glyphs(1)[0][0])
    chars = "aAbz?7"
    table = "file_name,label\n" + "".join(f"{number}.png,{char}\n" for number, char in enumerate(chars))
    path = archive(tmp_path / "a.zip", {f"{number}.png": picture for number in range(6)} | {"labels.csv": table.encode()})
    found = batch.evaluate(open_collection(path), foreign(classes), reader())
    metrics = found.metrics()
    known = [char for char in chars if char in classes]
    assert "".join(row["char"] for row in metrics["per_class"]) == classes
    assert metrics["n"] == len(known)
    assert {row["char"] for row in metrics["per_class"] if row["n"]} == set(known)
    assert len(metrics["skipped"]) == 6 - len(known)
    rows = list(found.predictions())
    assert [row[1] for row in rows] == known
    assert all(row[2] in classes and len(row) == 8 for row in rows)
    report.save_html(found, tmp_path / "r.html")
    assert f"<td>{known[0]}</td>" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_writers_of_a_table_make_the_intervals_wider(tmp_path: Path):
    images, labels = glyphs(2, 5)
    names = [f"{number}.png" for number in range(94)]
    pictures = {name: png(image if number % 10 else image // 255) for number, (name, image) in enumerate(zip(names, images, strict=True))}

    def of_writers(writer: Callable[[int], str]) -> dict[str, Any]:
        rows = [f"{name},{CLASSES[label]},{writer(number)}" for number, (name, label) in enumerate(zip(names, labels, strict=True))]
        table = "\n".join(["file_name,label,writer", *rows])
        return run(archive(tmp_path / "a.zip", pictures | {"labels.csv": table.encode()})).metrics()

    alone, together = of_writers(lambda number: ""), of_writers(lambda number: f"w{number % 10}")
    assert (alone["intervals_over"], together["intervals_over"]) == ("images", "writers")
    assert of_writers(lambda number: "one")["intervals_over"] == "images"  # nothing to draw
    assert alone["accuracy"] == together["accuracy"]
    assert np.ptp(together["intervals"]["accuracy"]) > np.ptp(alone["intervals"]["accuracy"])


def test_a_label_of_a_whole_book_is_left_out(tmp_path: Path):
    picture = png(glyphs(1)[0][0])
    table = f"file_name,text\na.png,{'long ' * 2000}\nb.png,A\nc.png,\x07\x08\n"
    metrics = run(
        archive(tmp_path / "a.zip", dict.fromkeys(("a.png", "b.png", "c.png"), picture) | {"labels.csv": table.encode()})
    ).metrics()
    assert metrics["n"] == 1
    reasons = {entry["name"]: entry["reason"] for entry in metrics["skipped"]}
    assert "9,999 characters" in reasons["a.png"]
    assert "means nothing" in reasons["c.png"]


def test_who_leaves_early_ends_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither what waits nor what comes next in a piece that is being read is read any more."""
    many = archive(tmp_path / "many.zip", {f"{name[:-4]}_{copy}.png": data for name, data in named(good()).items() for copy in range(40)})
    begun, read = threading.Event(), []

    def slowly(image: Any) -> None:
        read.append(image)
        begun.set()
        gone.wait(60)
        raise InputError("nothing")

    gone = threading.Event()
    monkeypatch.setattr(batch, "character", slowly)
    monkeypatch.setattr(batch, "PATIENCE", 0.01)
    steps = batch.steps(open_collection(many), recognizer(), reader(), workers=2)
    assert next(steps).done == 0  # there is something to hear before anything is done
    assert begun.wait(60)
    steps.close()
    gone.set()
    for thread in threading.enumerate():
        if thread.name.startswith("evaluate"):
            thread.join(60)
    assert len(read) <= 2


def test_a_deadline_ends_an_evaluation(folders: Path):
    with Deadline(0, advice="Fewer."), pytest.raises(TimeUpError, match=r"Fewer\."):
        run(folders)
