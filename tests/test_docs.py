"""What README and documentation say must be what was measured, and what the commands and the code can do."""

import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hwr.cli import _parser
from hwr.training.recipes import RECIPES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
FIGURES = runpy.run_path(str(ROOT / "benchmarks" / "figures.py"))


def test_the_readmes_figures_are_those_that_were_measured() -> None:
    assert FIGURES["readme"](README) == README


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_figures_are_those_that_were_measured(name: str) -> None:
    assert FIGURES["documented"](PAGES[name]) == PAGES[name]


@pytest.mark.parametrize("name", ["char-best", "char-reference"])
def test_the_cards_figures_are_in_the_results(name: str) -> None:
    for result in json.loads((ROOT / "weights" / name / "metrics.json").read_text())["results"]:
        assert f"{result['accuracy']:.4f} | {result['macro_f1']:.4f}" in PAGES["results.md"]


def test_the_front_matter_is_that_of_a_space() -> None:
    front = yaml.safe_load(README.split("---")[1])
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize(("folder", "text"), [(".", README), *(("docs", text) for text in PAGES.values())])
def test_links_and_pictures_are_there(folder: str, text: str) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", text):
        assert (ROOT / folder / target).exists(), target


def test_training_commands_are_understood() -> None:
    """Every option that the documented commands give is one that train.py has."""
    commands = PAGES["training.md"].split('best="')[1].split("```")[0]
    fields = {f"--{name.replace('_', '-')}" for kind in RECIPES.values() for name in kind.__dataclass_fields__}
    missing = set(re.findall(r"--[a-z-]+", commands)) - fields - {"--threads", "--split", "--evaluate", "--push-to-hub"}
    assert not missing


def test_commands_are_understood() -> None:
    """Every ``hwr`` command that is documented is one that it takes."""
    for text in (README, *PAGES.values()):
        for line in re.findall(r"^(hwr [a-z].*)$", text, re.M):
            _parser().parse_args(shlex.split(line.partition("#")[0])[1:])


@pytest.mark.parametrize("name", ["README.md", *PAGES])
def test_python_that_is_shown_can_be_compiled_and_imported(name: str) -> None:
    text = README if name == "README.md" else PAGES[name]
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        compile(code, name, "exec")
        for line in re.findall(r"^(?:from hwr|import hwr).*$", code, re.M):
            exec(line, {})


def test_the_readmes_python_runs(tmp_path: Path) -> None:
    """With a character, a line and a hand of our own making."""
    made = """
from hwr import PenWriter
writer = PenWriter.from_pretrained()
ink = writer.write("some words in a hand", style=3, verify=False)
ink.save("photo.jpg"); ink.save("my-hand.svg")
writer.write("a", style=3, verify=False, width=100, size=60).save("character.png")
"""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    script = f"exec({made!r}, {{}})\nexec({code!r}, {{}})"  # one after the other, in a process that has PyTorch once
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {"letter.svg", "mine.png", "pixels.png"} <= {path.name for path in tmp_path.iterdir()}
