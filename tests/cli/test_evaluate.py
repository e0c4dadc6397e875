"""``hwr evaluate``."""

import json
from pathlib import Path

import pytest
from collecting import archive, good, named, run

from hwr import cli


def test_the_command_writes_the_whole_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folders = archive(tmp_path / "folders.zip", named(good(94)))
    assert cli.main(["evaluate", str(folders), "--report", str(tmp_path / "out"), "--against", "char-reference"]) == 0
    said = capsys.readouterr().out
    assert "Accuracy" in said
    assert "McNemar" in said
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.pdf", "predictions.csv", "metrics.json"}
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert metrics["accuracy"] == run(folders).metrics()["accuracy"]
    assert (tmp_path / "out/report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("arguments", [["none.zip"], ["user"], ["a.zip", "--labels", "what"]])
def test_a_wrong_command_is_a_sentence(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    archive(tmp_path / "a.zip", named(good(47)))
    assert cli.main(["evaluate", *arguments]) == 2
    assert capsys.readouterr().err.startswith("hwr: ")
