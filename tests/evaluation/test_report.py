"""The report: files and words."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from collecting import archive, png, run
from failing import full_disk
from glyphs import glyphs

from hwr import InputError
from hwr.evaluation import report


def test_cells_are_no_formulas(tmp_path: Path):
    picture = png(glyphs(1)[0][0])
    path = archive(tmp_path / "f.zip", {"=cmd()/A/x.png": picture, "+1/A/y.png": picture, "A/@z.png": picture})
    found = run(path)
    found.save_predictions(tmp_path / "p.csv")
    cells = [row["file"] for row in csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8"))]
    assert sorted(cells) == ["'+1/A/y.png", "'=cmd()/A/x.png", "A/@z.png"]


def test_names_are_text_in_the_report(tmp_path: Path):
    picture = png(glyphs(1)[0][3])
    path = archive(tmp_path / "<b>.zip", {"A/<script>alert(1)</script>.png": picture, "Z/<i>.png": picture, "Z/broken.png": b"<u>"})
    report.save_html(run(path), tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert "<i>.png" not in html
    assert not re.search(r'(src|href)="(?!data:)', html)


def test_the_report_says_what_was_not_found_and_what_was_drawn(tmp_path: Path):
    blank, picture = png(np.zeros((28, 28), np.uint8)), png(glyphs(1)[0][0])
    table = "file_name,label,writer\na.png,A,x\nb.png,A,y\nc.png,hello,x\nd.png,hello,y\n"
    entries = {"a.png": blank, "b.png": picture, "c.png": blank, "d.png": picture, "labels.csv": table.encode()}
    found = run(archive(tmp_path / "a.zip", entries))
    assert "2 characters and 2 texts of a.zip" in report.summary(found)
    assert "In 1 characters and 1 texts nothing was found to read; these count as wrong." in report.summary(found)
    assert report.method(found) == "The 95 % intervals are by the bootstrap over the 2 writers."
    assert all("over writers" in figure["note"] for figure in report.headlines(found) if figure["note"])
    for path in report.save_all(found, tmp_path / "report"):
        assert path.stat().st_size > 0
    html = (tmp_path / "report/report.html").read_text(encoding="utf-8")
    assert report.method(found) in html
    assert "<b>A</b> read as <b>nothing</b>: 1, 50.0%" in html
    alone = run(archive(tmp_path / "b.zip", {"A/1.png": picture}))
    assert "single images" in report.method(alone)
    assert "nothing was found" not in report.summary(alone)


def test_a_full_disk_leaves_the_old_report_whole(tmp_path: Path):
    found = run(archive(tmp_path / "a.zip", {"A/1.png": png(glyphs(1)[0][0])}))
    before = {path: path.read_bytes() for path in report.save_all(found, tmp_path / "report")}
    with full_disk(5_000), pytest.raises(InputError, match=r"report can't be written: .*Make room"):
        report.save_all(found, tmp_path / "report")
    assert {path: path.read_bytes() for path in (tmp_path / "report").iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "report"]
