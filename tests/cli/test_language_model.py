"""``hwr language-model``."""

from pathlib import Path

import pytest

from hwr import cli
from hwr.text.language_model import LanguageModel

TEXTS = ["the cat sat on the mat", "the dog", "a cat", "that is 42", "What?"]


def test_the_command_builds_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "words.tsv").write_text("cat\t10\ndog\t3\n")
    (tmp_path / "text.txt").write_text("\n".join(TEXTS))
    sources = [f"{tmp_path / 'words.tsv'}=0.5", str(tmp_path / "text.txt")]
    assert cli.main(["language-model", *sources, "-o", str(tmp_path / "model"), "--order", "3"]) == 0
    assert "n-grams" in capsys.readouterr().out
    model = LanguageModel.load(tmp_path / "model")
    assert model.order == 3
    assert model.log_prob("dog") > model.log_prob("gdo")
    assert cli.main(["language-model", f"{tmp_path / 'text.txt'}=none", "-o", str(tmp_path / "model")]) == 2
    assert cli.main(["language-model", str(tmp_path / "missing.txt"), "-o", str(tmp_path / "model")]) == 2
