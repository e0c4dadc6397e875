"""``hwr export``."""

import shutil

import pytest

from hwr.cli import main
from hwr.hub.finding import beside_package


def test_a_model_folder_gets_its_file(tmp_path, capsys):
    if (shipped := beside_package("weights/char-reference")) is None:
        pytest.skip("no weights are shipped")
    for name in ("config.json", "model.safetensors"):
        shutil.copy(shipped / name, tmp_path)
    assert main(["export", str(tmp_path)]) == 0
    assert "model.onnx" in capsys.readouterr().out
    assert (tmp_path / "model.onnx").is_file()


@pytest.mark.parametrize("name", ["nobody/nothing", "nothing-there", ""])
def test_what_is_no_folder_is_refused(name, capsys):
    assert main(["export", name]) == 2
    assert "neither a folder" in capsys.readouterr().err
