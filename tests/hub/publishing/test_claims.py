"""A card with a figure that was not measured is found, and one without is not."""

from pathlib import Path

import pytest

from hwr.errors import ModelError
from hwr.hub.files import WEIGHTS_FILE
from hwr.hub.finding import beside_package
from hwr.hub.publishing.claims import check_claims


@pytest.fixture
def model(clone: Path) -> Path:
    return clone / "weights" / "char-best"


def shipped() -> list[Path]:
    folder = beside_package("weights")
    assert folder is not None
    return sorted(path.parent for path in folder.glob("*/metrics.json"))


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_the_shipped_cards_claim_what_was_measured(folder: Path) -> None:
    check_claims(folder)


@pytest.mark.parametrize(
    "said",
    [
        "right in 87.7% of cases",
        "87.7 % of 1,400",
        "0.877",
        "| Scans | 1,400 |",
        "| 0.8765 |",
        "CC BY 4.0](https://a.b/4.0)\n```\n0.1\n```",
    ],
)
def test_what_was_measured_may_be_said(model: Path, said: str) -> None:
    card = model / "README.md"
    card.write_text(card.read_text().replace("It reads.", said.replace("CC BY 4.0", "[licence")))
    check_claims(model)


@pytest.mark.parametrize("said", ["right in 88.7% of cases", "99 %", "0.878", "| Scans | 1,401 |", "−0.8765 or -0.8765", "1.87654", "87.7"])
def test_what_was_not_measured_is_named(model: Path, said: str) -> None:
    card = model / "README.md"
    card.write_text(card.read_text().replace("It reads.", said))
    with pytest.raises(ModelError, match=r"claims"):
        check_claims(model)


def test_the_front_matter_is_checked(model: Path) -> None:
    card = model / "README.md"
    card.write_text(card.read_text().replace("value: 0.876543", "value: 0.976543"))
    with pytest.raises(ModelError, match=r"0\.976543"):
        check_claims(model)


def test_metrics_of_other_weights_are_refused(model: Path) -> None:
    with (model / WEIGHTS_FILE).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelError, match="was not measured with"):
        check_claims(model)
