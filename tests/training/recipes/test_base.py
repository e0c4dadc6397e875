"""Recipes as options of ``train.py``, and the cards' words."""

import re
import shlex
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

import train as command
from hwr import InputError
from hwr.training.recipes import RECIPES
from hwr.training.recipes.base import shipped

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = {"char": "char-best", "lines": "text-best", "ink": "ink-best", "pen": "pen-best", "pixels": "pixels-best", "pages": "pages-best"}


@pytest.fixture
def train(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[object, str]]:
    """``train.py`` with arguments that it stops at: its exit code, and what it says, without frames and line breaks."""

    def ended(*arguments: str) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["train.py", *arguments])
        with pytest.raises(SystemExit) as stopped:
            command.main()
        return stopped.value.code, re.sub(r"[\s│╭╮╰╯─]+", " ", "".join(capsys.readouterr()))

    return ended


@pytest.mark.parametrize("job", RECIPES)
def test_every_field_is_an_option_with_its_default(job: str, train: Callable[..., tuple[object, str]]) -> None:
    code, said = train(job, "--help")
    assert code == 0, said
    for field in fields(RECIPES[job]):
        assert f"--{field.name.replace('_', '-')} " in said
        if field.default is not MISSING and isinstance(field.default, int) and not isinstance(field.default, bool):
            assert re.search(rf"--{field.name.replace('_', '-')} .*?\(default: {field.default}\)", said)
    for option in ("--threads", "--split {validation,test}", "--evaluate", "--push-to-hub"):
        assert option in said
    assert "(default: validation)" in said


def test_a_mistyped_option_and_an_impossible_number_are_refused_with_a_sentence(train: Callable[..., tuple[object, str]]) -> None:
    code, said = train("char", "--epoch", "3")
    assert code == 2
    assert "--epoch" in said
    assert "Traceback" not in said
    code, said = train("lines", "--hidden-size", "100000")
    assert code == 2
    assert "The network can't be built: hidden_size" in said


@pytest.mark.parametrize("job", RECIPES)
def test_shapes_are_stated_once(job: str) -> None:
    kind = RECIPES[job]
    recipe = kind(name="any")  # ty: ignore[missing-argument]  (the recipes have defaults for the rest)
    for field in kind.shape:
        default = shipped(kind.network_type, field)
        if default is not None:
            assert recipe.network[field] == default


@pytest.mark.parametrize("job", RECIPES)
def test_the_shipped_cards_say_what_the_templates_say(job: str) -> None:
    name = SHIPPED[job]
    folder = ROOT / "weights" / name
    kind = RECIPES[job]
    network = kind.network_type.from_pretrained(folder)
    card = kind(name=name).card(network, [])  # ty: ignore[missing-argument]
    text = (folder / "README.md").read_text()
    for part in (card.description, card.intended_use, card.usage, card.limitations):
        assert part in text


def test_commands_of_the_shipped_cards_can_be_given_again(train: Callable[..., tuple[object, str]]) -> None:
    """Up to the data: a name that is none stops each run before anything is trained."""
    for name in SHIPPED.values():
        given = re.search(r"^python train\.py (.*)$", (ROOT / "weights" / name / "README.md").read_text(), re.M)
        assert given is not None
        words = [word.replace("$HWR_DATASETS", "/nowhere") for word in shlex.split(given[1])]
        code, said = train(*words, "--push-to-hub", "no/such/repo")
        assert code == 2
        assert "can't be a Hub repository" in said


def test_ranges_are_checked_before_any_data_is_read() -> None:
    with pytest.raises(InputError, match="distortion"):
        RECIPES["char"](distortion=9)  # ty: ignore[missing-argument, unknown-argument]


def test_samples_that_parts_cannot_share_are_a_sentence(train: Callable[..., tuple[object, str]]) -> None:
    for parts in ("3", "0", "-2"):
        code, said = train("ink", "--parts", parts)
        assert code
        assert f"can't be shared evenly by {parts} parts" in f"{code} {said}"
