"""``hwr recognize``."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hwr.hub.files import current_onnx
from hwr.hub.finding import beside_package

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["char-best", "char-reference"])
def test_a_character_is_read_without_pytorch(tmp_path, name):
    folder = beside_package(f"weights/{name}")
    if folder is None or current_onnx(folder) is None:
        pytest.skip("no exported weights are shipped")
    ell = np.full((200, 200), 255, np.uint8)
    ell[30:170, 60:75] = ell[155:170, 60:140] = 0
    Image.fromarray(ell).save(tmp_path / "l.png")
    code = (
        "import sys; from hwr.cli import main\n"
        f"code = main(['recognize', {str(tmp_path / 'l.png')!r}, '--model', {name!r}])\n"
        "print(code, sorted({'torch', 'scipy', 'huggingface_hub', 'pydantic'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    answer, modules = done.stdout.splitlines()
    assert "l.png: L " in answer
    assert modules == "0 []"
