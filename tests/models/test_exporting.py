"""Networks exported to ONNX: they say the same, and stand for nothing but the weights that they were made of."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from hwr import CharLSTM, InkCTC, LineCTC, ModelError, PageLSTM, PenLSTM
from hwr.hub.files import CONFIG_FILE, ONNX_FILE, WEIGHTS_FILE
from hwr.models.arrays import ArrayNetwork, CharNetwork, InkNetwork, LineNetwork, PageNetwork
from hwr.models.exporting import export
from hwr.models.loading import Exported, load_exported, load_reader

NETWORKS: list[tuple[type[ArrayNetwork], type[nn.Module], dict]] = [
    (CharNetwork, CharLSTM, {"hidden_size": 8}),
    (
        CharNetwork,
        CharLSTM,
        {"classes": "ab1", "hidden_size": 4, "bidirectional": True, "scan": "rows+columns", "pooling": "mean", "stem_channels": [3, 5]},
    ),
    (CharNetwork, CharLSTM, {"hidden_size": 4, "num_layers": 1, "bidirectional": True, "stem_channels": [4], "temperature": 1.7}),
    (LineNetwork, LineCTC, {"stem_channels": [4, 4, 6, 6], "hidden_size": 8, "calibration": [1.0, 0.5, 0.25, -1.0]}),
    (InkNetwork, InkCTC, {"hidden_size": 8}),
    (PageNetwork, PageLSTM, {"stem_channels": [4, 4, 8], "hidden_size": 4, "num_layers": 1}),
]


def saved(folder: Path, network: type[nn.Module], config: dict) -> Path:
    torch.manual_seed(0)
    made = network(**config)
    for module in made.modules():  # statistics that do something, as after training
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.bias.data.uniform_(-0.5, 0.5)
    made.save_pretrained(folder)  # ty: ignore[call-non-callable]
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a small network, exported."""
    saved(tmp_path, CharLSTM, {"hidden_size": 4})
    export(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("kind", "network", "config"), NETWORKS)
def test_what_is_exported_says_the_same(tmp_path, kind, network, config):
    folder = saved(tmp_path, network, config)
    export(folder)
    exported, source = load_reader(kind, str(folder), default="")
    assert isinstance(exported, Exported)
    assert source == str(folder)
    ours = network.from_pretrained(folder)
    assert {name: getattr(exported, name) for name in kind.SETTINGS} == {name: getattr(ours, name) for name in kind.SETTINGS}
    for inputs in kind.examples():
        for wanted, found in zip(ours.run(*inputs), exported.run(*inputs), strict=True):
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, wanted, atol=2e-5)


@pytest.mark.parametrize(("kind", "network", "config"), [NETWORKS[3], NETWORKS[4]])
def test_nothing_of_what_lies_in_the_padding_counts(tmp_path, kind, network, config):
    export(saved(tmp_path, network, config))
    exported = load_exported(kind, tmp_path)
    together, lengths = next(kind.examples())
    samples = [row[..., :length] if kind is LineNetwork else row[:length] for row, length in zip(together, lengths, strict=True)]
    for sample, found in zip(samples, exported.emissions(samples), strict=True):
        np.testing.assert_allclose(found, exported.emissions([sample])[0], atol=2e-5)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (9, 7), (1, 300), (300, 1), (41, 65)])
def test_pages_of_any_size_are_read(tmp_path, shape):
    export(saved(tmp_path, *NETWORKS[5][1:]))
    page = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    for wanted, found in zip(PageLSTM.from_pretrained(tmp_path).cells(page), load_exported(PageNetwork, tmp_path).cells(page), strict=True):
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_other_weights_make_it_stale(folder):
    assert load_exported(CharNetwork, folder) is not None
    torch.manual_seed(1)
    CharLSTM(hidden_size=4).save_pretrained(folder)
    assert (folder / ONNX_FILE).exists()
    reader, _ = load_reader(CharNetwork, str(folder), default="")
    assert isinstance(reader, CharLSTM)


def test_another_configuration_makes_it_stale(folder):
    config = json.loads((folder / CONFIG_FILE).read_text())
    (folder / CONFIG_FILE).write_text(json.dumps(config | {"temperature": 2.0}))
    assert load_exported(CharNetwork, folder) is None


def test_it_is_not_taken_for_another_network(folder):
    assert load_exported(PageNetwork, folder) is None
    with pytest.raises(ModelError):
        load_reader(PageNetwork, str(folder), default="")


def test_another_version_of_the_input_makes_it_stale(folder, monkeypatch):
    monkeypatch.setattr(CharNetwork, "INPUT_VERSION", 99)
    assert load_exported(CharNetwork, folder) is None


def test_a_damaged_file_is_left_alone(folder, caplog):
    whole = (folder / ONNX_FILE).read_bytes()
    (folder / ONNX_FILE).write_bytes(whole[len(whole) // 2 :])
    with caplog.at_level(logging.WARNING):
        reader, _ = load_reader(CharNetwork, str(folder), default="")
    assert isinstance(reader, CharLSTM)
    assert "damaged" in caplog.text


def test_without_onnx_runtime_pytorch_reads(folder, monkeypatch):
    monkeypatch.setattr("hwr.models.loading.find_spec", lambda name: None)
    assert isinstance(load_reader(CharNetwork, str(folder), default="")[0], CharLSTM)


def test_what_comes_from_the_hub_is_read_from_its_weights_alone(folder, monkeypatch):
    monkeypatch.setattr("hwr.hub.finding.fetch", lambda *arguments, **options: folder)
    assert isinstance(load_reader(CharNetwork, "user/model", default="")[0], CharLSTM)
    assert isinstance(load_reader(CharNetwork, str(folder), default="")[0], Exported)


def test_on_another_device_pytorch_reads(folder):
    assert isinstance(load_reader(CharNetwork, str(folder), default="", device="meta")[0], CharLSTM)


def test_what_says_something_else_is_not_written(tmp_path, monkeypatch):
    saved(tmp_path, CharLSTM, {"hidden_size": 4})
    monkeypatch.setattr(Exported, "run", lambda self, *inputs: [np.zeros((len(inputs[0]), 47), np.float32)])
    with pytest.raises(ModelError, match="something else in probabilities"):
        export(tmp_path)
    assert not (tmp_path / ONNX_FILE).exists()


def test_only_networks_that_read_are_exported(tmp_path):
    saved(tmp_path, PenLSTM, {"hidden_size": 40})
    with pytest.raises(ModelError, match="no network that reads"):
        export(tmp_path)
    (tmp_path / WEIGHTS_FILE).unlink()
    with pytest.raises(ModelError):
        export(tmp_path)
