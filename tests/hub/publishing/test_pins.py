"""Weights that a Space doesn't carry come from the commit that is pinned."""

import json
from pathlib import Path

import pytest
from hub_clients import client
from hub_server import FakeHub
from small_networks import logits, network

from hwr.errors import ModelError
from hwr.hub import finding
from hwr.hub.publishing import pins
from hwr.hub.publishing.pins import Pin

LOAD = """
from hwr.models.char_lstm import CharLSTM
from small_networks import logits
here = Path(sys.argv[1])
finding.beside_package = lambda name: here / name if (here / name).exists() else None
result = [logits(CharLSTM.from_pretrained(finding.fetch(None, default="char-best")))]
"""


def test_what_is_written_is_read(tmp_path: Path) -> None:
    given = {"b": Pin("user/b", "b" * 40), "a": Pin("user/a", "a" * 40)}
    (tmp_path / "pinned.json").write_bytes(pins.dumped(given))
    assert pins.read(tmp_path / "pinned.json") == given


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        '{"a": 1}',
        '{"a": {"repo": "user/a"}}',
        '{"a": {"repo": "user/a", "revision": "main"}}',
        '{"a": {"repo": "../../etc", "revision": "%s"}}' % ("a" * 40),
        '{"a": {"repo": 1, "revision": "%s"}}' % ("a" * 40),
    ],
)
def test_what_is_no_pin_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "pinned.json").write_text(text)
    with pytest.raises(ModelError, match="doesn't say where weights are"):
        pins.read(tmp_path / "pinned.json")


def test_pinned_weights_are_loaded_and_need_no_hub_once_they_are_there(hub: FakeHub, folder: Path, tmp_path: Path) -> None:
    commit = hub.add("user/hwr-char-best", {path.name: path.read_bytes() for path in folder.iterdir()})
    network(1).save_pretrained(folder)
    hub.add("user/hwr-char-best", {path.name: path.read_bytes() for path in folder.iterdir()})  # and main moves on
    weights = tmp_path / "weights" / "char-best"
    weights.mkdir(parents=True)
    (weights / "metrics.json").write_text("{}")
    (tmp_path / "weights" / "pinned.json").write_bytes(pins.dumped({"char-best": Pin("user/hwr-char-best", commit)}))
    expected = json.loads(json.dumps(logits(network())))
    assert client(hub.env, LOAD, str(tmp_path)) == [expected]
    hub.down = True
    assert client(hub.env, LOAD, str(tmp_path)) == [expected]


def test_weights_that_are_there_are_taken_whatever_is_pinned(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    folder.rename(weights / "char-best")
    (weights / "pinned.json").write_bytes(pins.dumped({"char-best": Pin("user/none", "a" * 40)}))
    monkeypatch.setattr(finding, "beside_package", lambda name: tmp_path / name if (tmp_path / name).exists() else None)
    assert finding.fetch(None, default="char-best") == weights / "char-best"
    with pytest.raises(ModelError, match="no revision"):
        finding.fetch("char-best", revision="main")
