"""Loading strictly: whatever a stranger's model folder holds."""

import contextlib
import json
import pickle
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from small_networks import CONFIGS, logits, network
from torch import nn

from hwr.errors import ModelError
from hwr.hub.files import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE
from hwr.hub.loading import StrictHubMixin
from hwr.models.char_lstm import CharLSTM


class Trusting(nn.Module, StrictHubMixin):
    """A network that checks nothing of its configuration."""

    def __init__(self, *, width: int = 3, depth: int = 1) -> None:
        super().__init__()
        self.layer = nn.Linear(width, width)
        self.depth = depth


@pytest.mark.parametrize("config", CONFIGS)
def test_a_saved_network_comes_back(tmp_path: Path, config: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    saved = network(**config)
    saved.save_pretrained(tmp_path)
    torch.manual_seed(5)
    expected_draw = torch.rand(3)
    torch.manual_seed(5)
    loaded = CharLSTM.from_pretrained(tmp_path)
    assert torch.equal(torch.rand(3), expected_draw), "loading must not disturb the caller's random numbers"
    assert logits(loaded) == logits(saved)
    assert not loaded.training
    assert capsys.readouterr().out == ""
    loaded.save_pretrained(tmp_path / "again")
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_saving_leaves_an_existing_card_alone(folder: Path) -> None:
    (folder / CARD_FILE).write_text("ours")
    network(1).save_pretrained(folder)
    assert (folder / CARD_FILE).read_text() == "ours"


def altered(**changes: Any) -> str:
    return json.dumps(CONFIGS[0] | changes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"hidden_size"',
        "{",
        altered() + altered(),
        "[" * 100_000,
        "\ud800",
        '{"hidden_size": 8, "hidden_size": 8}',
        altered(unknown=1),
        altered(self=1),
        altered(config={}),
        altered(temperature=float("nan")),
        altered(temperature=float("inf")),
        altered().replace("8", "1e999"),
        altered().replace("8", "9" * 5000),
        altered(hidden_size=10**9),
        altered(hidden_size=0),
        altered(hidden_size=-8),
        altered(hidden_size="8"),
        altered(hidden_size=8.0),
        altered(hidden_size=True),
        altered(hidden_size=[8]),
        altered(num_layers=10**9),
        altered(classes="a" * 10**7),
        altered(classes=["a"]),
        altered(classes="abc"),
        altered(stem_channels=[10**9]),
        altered(bidirectional=True),
        altered(stem_channels={}),
        altered(scan={}),
    ],
    ids=lambda text: text[:50] or "empty",
)
def test_a_hostile_config_is_refused(folder: Path, text: str) -> None:
    (folder / CONFIG_FILE).write_text(text, encoding="utf-8", errors="surrogatepass")
    with bounded_memory(), pytest.raises(ModelError, match=r"config\.json"):
        CharLSTM.from_pretrained(folder)


@pytest.mark.parametrize("width", [4, 30_000, 10**9, 10**18, 10**30, -1, 1.5, "3", None])
def test_the_header_is_compared_before_anything_is_allocated(tmp_path: Path, width: Any) -> None:
    Trusting().save_pretrained(tmp_path)
    (tmp_path / CONFIG_FILE).write_text(json.dumps({"width": width}))
    with bounded_memory(), pytest.raises(ModelError, match=r"config\.json"):
        Trusting.from_pretrained(tmp_path)


@contextlib.contextmanager
def bounded_memory(megabytes: int = 150) -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < megabytes


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + data


def weights_of_other_shape(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    name = next(iter(tensors))
    return tensors | {name: torch.zeros(*tensors[name].shape, 2)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        b"\xff" * 8,
        b"\xff" * 1000,
        pickle.dumps({"a": 1}),
        header({}),
        header({"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}),
        header({"a": {"dtype": "F32", "shape": [10**30], "data_offsets": [0, 8]}}, b"\0" * 8),
        header({"a": {"dtype": "Q7", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 4),
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    ],
    ids=map(str, range(10)),
)
def test_a_file_that_is_no_model_is_refused(folder: Path, content: bytes) -> None:
    (folder / WEIGHTS_FILE).write_bytes(content)
    with bounded_memory(), pytest.raises(ModelError, match=r"model\.safetensors"):
        CharLSTM.from_pretrained(folder)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated_weights_are_refused(folder: Path, share: float) -> None:
    path = folder / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        CharLSTM.from_pretrained(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: dict(list(t.items())[1:]), "lacks"),
        (lambda t: t | {"stranger": torch.zeros(2)}, "stranger"),
        (lambda t: {name + ".x": value for name, value in t.items()}, "lacks"),
        (weights_of_other_shape, "shape"),
        (lambda t: {name: value.double() for name, value in t.items()}, "float64"),
        (lambda t: {name: value.half() for name, value in t.items()}, "float16"),
        (lambda t: {name: torch.full_like(value, float("nan")) for name, value in t.items()}, "NaN"),
        (lambda t: t | {"output.bias": torch.tensor([0, 0, 0, float("-inf")])}, "output.bias"),
    ],
)
def test_weights_that_do_not_fit_are_refused(folder: Path, change: Any, said: str) -> None:
    path = folder / WEIGHTS_FILE
    save_file(change(load_file(path)), path)
    with pytest.raises(ModelError, match=said):
        CharLSTM.from_pretrained(folder)


def test_a_pickle_is_no_substitute(folder: Path) -> None:
    torch.save(network().state_dict(), folder / "pytorch_model.bin")
    (folder / WEIGHTS_FILE).unlink()
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        CharLSTM.from_pretrained(folder)
