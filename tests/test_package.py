"""The package as it is installed: its public names, its dependencies, and what it says where some are missing."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import hwr
from hwr.errors import EXTRAS, missing_extra

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirements(lines: list[str]) -> dict[str, str]:
    """Names and bounds, without what refers to this package itself."""
    parts = [re.match(r"([A-Za-z0-9_.-]+)(.*)", line) for line in lines if line and not line.startswith(("hwr[", "-r", "#"))]
    return {part[1]: part[2] for part in parts if part is not None}


def test_every_public_name_is_there() -> None:
    assert all(getattr(hwr, name) is not None for name in hwr.__all__)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        hwr.nothing_of_the_kind  # noqa: B018


def test_the_space_installs_what_the_package_and_its_extras_need() -> None:
    whole = requirements((ROOT / "requirements.txt").read_text().splitlines())
    extras = PROJECT["optional-dependencies"]
    parts = requirements(PROJECT["dependencies"] + extras["app"] + extras["train"] + extras["report"] + extras["documents"])
    assert parts == whole


def test_importing_costs_nothing_until_something_is_used() -> None:
    code = "import sys, hwr; print([name for name in ('torch', 'cv2', 'gradio', 'sklearn', 'matplotlib') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_and_writing_need_no_extra() -> None:
    """With every module of the extras hidden."""
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({sorted(EXTRAS)!r}))\n"
        "from hwr import CharRecognizer, InkReader, PenWriter, PixelWriter, TextReader\n"
        "ink = PenWriter.from_pretrained().write('over', verify=True)\n"
        "picture = ink.to_image()\n"
        "print(TextReader.from_pretrained().read_line(picture).text, InkReader.from_pretrained().read(ink.strokes).text)\n"
        "PixelWriter.from_pretrained().write('a'); CharRecognizer.from_pretrained().predict(picture)\n"
        "from hwr import InputError\n"
        "try: TextReader.from_pretrained().read(picture).save('a.pdf')\n"
        "except InputError as error: print(error, file=sys.stderr)\n"
        "from hwr.cli import main\n"
        "sys.exit(main(['evaluate', 'nothing.zip']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2, done.stderr
    assert done.stdout.split() == ["over", "over"]
    assert "pip install 'hwr[report]'" in done.stderr
    assert "pip install 'hwr[documents]'" in done.stderr


def test_other_missing_modules_are_no_extras() -> None:
    assert missing_extra(ModuleNotFoundError("No module named 'x'", name="x")) is None


def test_imports_run_one_way() -> None:
    done = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports())"],
                          cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout
