"""What is pushed, and what is not."""

from pathlib import Path

import pytest
from hub_clients import LOAD, PUSH, client
from hub_server import FakeHub
from small_networks import logits, network

from hwr.errors import ModelError
from hwr.hub.files import CARD_FILE, CONFIG_FILE, ONNX_FILE, WEIGHTS_FILE
from hwr.hub.pushing import push
from hwr.models.exporting import export

READER = """
from hwr import CharRecognizer
from small_networks import logits
result = logits(CharRecognizer.from_pretrained(sys.argv[1], revision=sys.argv[2]).network)
"""


def add_card(folder: Path) -> None:
    (folder / CARD_FILE).write_text("---\nlicense: apache-2.0\n---\n# A model\n")


def test_what_is_pushed_comes_back_in_a_fresh_process(hub: FakeHub, folder: Path) -> None:
    add_card(folder)
    (folder / "metrics.json").write_text("{}")
    (folder / "figures").mkdir()
    (folder / "figures" / "curve.png").write_bytes(b"picture")
    (folder / "checkpoint.pt").write_bytes(b"not for others")
    old = logits(network())
    url, first = client(hub.env, PUSH, str(folder), "user/model")
    assert first in url
    assert set(hub.repos["models", "user/model"].trees[first]) == {
        ".gitattributes",
        "README.md",
        "config.json",
        "figures/curve.png",
        "metrics.json",
        "model.safetensors",
    }

    network(1).save_pretrained(folder)
    new = logits(network(1))
    _, second = client(hub.env, PUSH, str(folder), "user/model")
    _, third = client(hub.env, PUSH, str(folder), "user/model")
    assert second == third, "nothing changed, so nothing is to be committed"
    hub.repos["models", "user/model"].tags["v1"] = first
    wanted = ["user/model@", f"user/model@{first}", f"user/model@{first[:8]}", "user/model@v1", "user/model@main", f"user/model@{second}"]
    assert client(hub.env, LOAD, *wanted) == [new, old, old, old, new, new]
    assert client(hub.env, READER, "user/model", "v1") == old


@pytest.mark.parametrize("lost", [CARD_FILE, CONFIG_FILE, WEIGHTS_FILE])
def test_half_a_model_is_not_pushed(folder: Path, lost: str) -> None:
    add_card(folder)
    (folder / lost).unlink()
    with pytest.raises(ModelError, match=lost):
        push(folder, "user/model")


def test_pushing_without_the_right_is_said_in_a_sentence(hub: FakeHub, folder: Path) -> None:
    add_card(folder)
    code = """
    result = []
    for repo in ("user/model", "somebody/model", "not a repository"):
        try:
            result.append(pushing.push(Path(sys.argv[1]), repo))
        except ModelError as error:
            result.append(str(error))
    """
    anonymous, theirs, malformed = client({name: value for name, value in hub.env.items() if name != "HF_TOKEN"}, code, str(folder))
    assert "log in" in anonymous
    assert "log in" in theirs
    assert "not a repository" in malformed
    (folder / CARD_FILE).write_text("---\ntags: {a: 1}\n---\n")
    rejected, theirs, _ = client(hub.env, code, str(folder))
    assert "tags" in rejected
    assert "somebody/model" in theirs
    assert all(not repo.trees[repo.branches["main"]].keys() & {"model.safetensors"} for repo in hub.repos.values())


def test_the_exported_network_goes_along_unless_it_is_of_other_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr("hwr.hub.pushing.upload", lambda folder, files, *others, **options: sent.extend(path.name for path in files))
    add_card(folder)
    export(folder)
    push(folder, "user/model")
    assert ONNX_FILE in sent
    sent.clear()
    network(1).save_pretrained(folder)
    push(folder, "user/model")
    assert WEIGHTS_FILE in sent
    assert ONNX_FILE not in sent
