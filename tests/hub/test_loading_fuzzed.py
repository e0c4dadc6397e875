"""Configurations and weights of strangers, byte by byte: they make a network or a sentence, never anything else."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hostile_files import model
from hypothesis import example, given
from hypothesis import strategies as st

from hwr import CharLSTM, InkCTC, LineCTC, ModelError, PenLSTM, PixelLSTM
from hwr.hub.files import CONFIG_FILE, WEIGHTS_FILE

GOOD = model()
NETWORKS = (CharLSTM, LineCTC, InkCTC, PenLSTM, PixelLSTM)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("model")


def load(folder: Path, files: dict[str, bytes], kind: Any = CharLSTM) -> Any:
    """A network of these files; None where a sentence says why not."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with contextlib.suppress(ModelError):
        return kind.from_pretrained(folder)
    return None


def test_the_files_that_are_changed_here_are_good(folder: Path) -> None:
    assert load(folder, GOOD) is not None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([0, 1, -1, 2**31, 2**63, 10**30, 0.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(NETWORKS), st.data())
def test_whatever_a_configuration_says_it_is_built_or_refused(folder: Path, kind: Any, data: st.DataObject) -> None:
    names = [name for name in kind._hub_mixin_init_parameters if name != "self"]
    config = data.draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=3), VALUES, max_size=4))
    load(folder, GOOD | {CONFIG_FILE: json.dumps(config).encode()}, kind)


@given(st.binary(max_size=100) | st.text(max_size=40).map(lambda text: text.encode(errors="surrogatepass")))
@example(b'{"hidden_size": 4, "num_layers": 1e400}')
@example(b"\xef\xbb\xbf{}")
def test_whatever_the_bytes_of_a_configuration_it_is_built_or_refused(folder: Path, config: bytes) -> None:
    load(folder, GOOD | {CONFIG_FILE: config})


HEADER = int.from_bytes(GOOD[WEIGHTS_FILE][:8], "little")


@given(st.lists(st.tuples(st.integers(0, HEADER + 16), st.integers(0, 255)), min_size=1, max_size=6))
@example([(0, 255), (7, 255)])
def test_whatever_the_header_of_weights_they_are_loaded_or_refused(folder: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD[WEIGHTS_FILE])
    for at, value in changes:
        data[at] = value
    network = load(folder, GOOD | {WEIGHTS_FILE: bytes(data)})
    if network is not None:
        assert all(tensor.isfinite().all() for tensor in network.state_dict().values())
        assert torch.isfinite(network(torch.zeros(1, 28, 28))).all()


ENTRIES = st.dictionaries(
    st.sampled_from(list(CharLSTM(hidden_size=4, num_layers=1).state_dict())) | st.text(max_size=3),
    st.fixed_dictionaries(
        {
            "dtype": st.sampled_from(["F32", "F16", "I64", "BOOL", "F8_E4M3", "Q7", ""]) | st.none(),
            "shape": st.lists(st.integers(-1, 5) | st.sampled_from([2**31, 2**63, 10**30]), max_size=3),
            "data_offsets": st.lists(st.integers(-1, 60) | st.sampled_from([2**63, 10**30]), max_size=3),
        }
    ),
    max_size=4,
)


@given(ENTRIES, st.binary(max_size=60))
def test_whatever_a_header_announces_it_is_loaded_or_refused(folder: Path, entries: dict[str, Any], data: bytes) -> None:
    text = json.dumps(entries).encode()
    load(folder, GOOD | {WEIGHTS_FILE: len(text).to_bytes(8, "little") + text + data})
