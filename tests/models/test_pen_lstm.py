"""The network that writes with a pen: styles, losses, configurations."""

import json

import numpy as np
import pytest
import torch
from ink_drawn import cursive_i_n

from hwr import ModelError
from hwr.data.hands import PenSample
from hwr.ink.moves import logical_order
from hwr.models.ink_ctc import padded
from hwr.models.pen_lstm import PenLSTM
from hwr.predictors.pen import PenWriter
from hwr.training.recipes.pen import collate


@pytest.fixture(scope="module")
def network(pen: PenWriter) -> PenLSTM:
    return pen.network


def test_a_style_is_of_its_own_pieces_alone_whatever_their_order(network: PenLSTM) -> None:
    rng = np.random.default_rng(0)
    pieces = [rng.normal(size=(length, 8)).astype(np.float32) for length in (30, 5, 17, 40)]
    with torch.inference_mode():
        both = network.encode(*padded(pieces), torch.tensor([[0.5, 0.5, 0, 0], [0, 0, 1, 0]]))
        own = network.encode(*padded(pieces[1::-1]), torch.tensor([[0.5, 0.5]]))
        single = network.encode(*padded(pieces[2:3]), torch.ones(1, 1))
    assert both.shape == (2, network.style_size)
    torch.testing.assert_close(both, torch.cat([own, single]), atol=1e-5, rtol=1e-4)


def test_losses_fall(network: PenLSTM) -> None:
    path = logical_order(cursive_i_n())
    letters = np.repeat([0, 1], [20, len(path) - 20])
    batch = collate([[[PenSample("in", path, letters, "a")]] * 3])
    torch.manual_seed(0)
    small = PenLSTM(hidden_size=24)
    optimizer = torch.optim.Adam(small.parameters(), 1e-2)
    losses = []
    for _ in range(25):
        loss, parts = small.loss(batch)
        assert set(parts) == {"moves", "after", "letters"}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] - 0.5


@pytest.mark.parametrize(
    "config",
    [{"hidden_size": 0}, {"shape_size": 0}, {"mixtures": True}, {"charset": "aa"}, {"hands": [""]}, {"hands": "ab"}, {"moves": 99}],
)
def test_impossible_networks_are_refused(config: dict) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(config))}"):
        PenLSTM(**config)


def test_saved_and_loaded_it_writes_the_same(network: PenLSTM, pen: PenWriter, tmp_path) -> None:
    network.save_pretrained(tmp_path)
    again = PenWriter(PenLSTM.from_pretrained(tmp_path), pen.reader)
    assert again.write("Hello", style=1, verify=False).to_svg() == pen.write("Hello", style=1, verify=False).to_svg()
    (tmp_path / "config.json").write_text(json.dumps(json.loads((tmp_path / "config.json").read_text()) | {"hand_size": 65}))
    with pytest.raises(ModelError):
        PenLSTM.from_pretrained(tmp_path)
