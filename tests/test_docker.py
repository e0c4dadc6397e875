"""The image for those who host the page themselves, as far as it can be told without building it."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from app_server import ROOT, shared_app

TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]


def test_what_it_copies_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [word for line in LINES if line.startswith("COPY") for word in line.split()[1:-1] if not word.startswith("--")]
    assert {"app.py", "hwr", "weights", "requirements.txt"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored


def test_it_runs_as_somebody_without_rights() -> None:
    users = [line.split()[1] for line in LINES if line.startswith("USER")]
    assert users == ["hwr"]
    assert LINES.index("USER hwr") < LINES.index('CMD ["python", "app.py"]')


@pytest.mark.parametrize(("port", "code"), [(None, 0), ("1", 1)])
def test_its_health_check_tells_a_page_from_none(port: str | None, code: int, tmp_path: Path) -> None:
    (check,) = re.findall(r"^HEALTHCHECK .*? CMD (.+)$", TEXT, re.MULTILINE)
    words = shlex.split(check)
    assert words[0] == "python"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "GRADIO_SERVER_PORT": port or shared_app().rpartition(":")[2]}
    assert subprocess.run(["sh", "-c", check], cwd=tmp_path, env=env, capture_output=True, check=False).returncode == code
