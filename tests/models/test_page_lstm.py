"""The network that finds writing: shapes, what it looks at, what it learns from, saving and loading."""

import numpy as np
import pytest
import torch

from hwr.errors import ModelError
from hwr.models.arrays import KINDS
from hwr.models.page_lstm import PageLSTM, PageTruth

SMALL = {"stem_channels": [4, 4, 8], "hidden_size": 4, "num_layers": 1}


@pytest.fixture
def network() -> PageLSTM:
    torch.manual_seed(0)
    return PageLSTM(**SMALL).eval()


def page(height: int = 40, width: int = 64, turned: int = 0) -> PageTruth:
    """A dark bar on white that is core and writing."""
    image = torch.full((height, width), 230, dtype=torch.uint8)
    image[16:24, 16:48] = 20
    cells = torch.zeros(4, 2 * -(-height // 8), -(-width // 8))
    cells[:2, 4:6, 2:6] = 1
    return PageTruth(image, cells, cells[0] * 0.5, cells[0] * 0.2, turned, True)


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (9, 7), (1, 300), (300, 1), (41, 65)])
def test_every_cell_of_any_page_gets_its_numbers(network, shape):
    found = network.cells(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
    rows, columns = 2 * -(-shape[0] // 8), -(-shape[1] // 8)
    assert found.kinds.shape == (len(KINDS), rows, columns)
    assert found.baseline.shape == found.core.shape == (rows, columns)
    assert found.kinds.min() >= 0
    assert found.kinds.max() <= 1
    assert found.core.min() > 0
    assert found.turned.sum() == pytest.approx(1, abs=1e-5)
    assert all(np.isfinite(part).all() for part in found)


def test_brightness_and_contrast_of_the_whole_page_hardly_count(network):
    image = np.random.default_rng(0).integers(0, 256, (40, 64), dtype=np.uint8)
    darker = np.round(0.5 * image + 60).astype(np.uint8)
    assert np.abs(network.cells(image).kinds - network.cells(darker).kinds).max() < 0.05


def test_a_cell_knows_of_its_whole_row_and_column(network):
    image = np.full((80, 160), 200, np.uint8)
    image[::7, ::5] = 30
    before = network.cells(image).kinds[:, -1, -1].copy()
    changed = image.copy()
    changed[:8, :8] = 0
    assert np.abs(network.cells(changed).kinds[:, -1, -1] - before).max() > 1e-7


def test_it_learns_a_page_by_heart():
    torch.manual_seed(0)
    network = PageLSTM(**SMALL).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.02)
    batch = [page(), page(64, 96), page(turned=2)]
    before = float(network.loss(batch)[0].detach())
    for _ in range(60):
        optimiser.zero_grad()
        loss, parts = network.loss(batch)
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.4 * before
    assert set(parts) == {"cells", "baseline", "height", "side"}
    found = network.eval().cells(page().image.numpy())
    assert ((found.kinds[0] > 0.5) == (page().cells[0].numpy() > 0.5)).mean() > 0.9


@pytest.mark.parametrize("batch", [[page(turned=1)], [page()._replace(cells=torch.zeros(4, 10, 8), oriented=False)]])
def test_a_batch_may_lack_a_part(network, batch):
    loss, _ = network.loss(batch)
    loss.backward()
    assert torch.isfinite(loss)
    assert all(parameter.grad is None or torch.isfinite(parameter.grad).all() for parameter in network.parameters())


@pytest.mark.parametrize(
    "options",
    [
        {"stem_channels": [4, 4]},
        {"stem_channels": [4, 4, 6]},
        {"stem_channels": [4, 4, 4000]},
        {"hidden_size": 3},
        {"hidden_size": 0},
        {"hidden_size": 2000},
        {"num_layers": 0},
        {"num_layers": 9},
        {"trained_on": "unipen"},
    ],
)
def test_what_cannot_be_is_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        PageLSTM(**SMALL | options)


def test_it_comes_back_from_its_folder(network, tmp_path):
    network.save_pretrained(tmp_path)
    image = page().image.numpy()
    again = PageLSTM.from_pretrained(tmp_path)
    assert np.array_equal(network.cells(image).kinds, again.cells(image).kinds)
    (tmp_path / "config.json").write_text('{"hidden_size": 6}')
    with pytest.raises(ModelError):
        PageLSTM.from_pretrained(tmp_path)
