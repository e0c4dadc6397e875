"""What the README says must be what was measured, and what its commands and code can do."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_figures_are_those_of_the_cards():
    figures = runpy.run_path(str(ROOT / "benchmarks" / "figures.py"))
    assert figures["readme"](README) == README


@pytest.mark.parametrize("name", ["char-best", "char-reference"])
def test_the_cards_figures_are_in_the_readme(name):
    for result in json.loads((ROOT / "weights" / name / "metrics.json").read_text())["results"]:
        assert f"{result['accuracy']:.4f} | {result['macro_f1']:.4f}" in README


def test_the_front_matter_is_that_of_a_space():
    front = yaml.safe_load(README.split("---")[1])
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    assert len(front["short_description"]) <= 60


def test_its_links_and_pictures_are_there():
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def test_its_training_commands_are_understood():
    """Every option that the README's commands give is one that train.py has."""
    shown = subprocess.run([sys.executable, "train.py", "char", "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    commands = README.split('best="')[1].split("```")[0]
    missing = set(re.findall(r"--[a-z-]+", commands)) - set(re.findall(r"--[a-z-]+", shown))
    assert not missing
