"""The network that draws characters."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from glyphs import glyphs

from hwr import ModelError, PixelLSTM
from hwr.charset import CHARACTERS
from hwr.data.emnist import CharSet
from hwr.models.pixel_lstm import LEVELS, PixelBatch
from hwr.training.recipes.pixel_data import EvenBatches, class_traits, pictures_of

SMALL = {"style_size": 4, "hidden_size": 8, "plan_hidden_size": 6, "encoder_hidden_size": 6, "pixel_hidden_size": 8}


@pytest.fixture
def network() -> PixelLSTM:
    torch.manual_seed(0)
    return PixelLSTM(**SMALL).eval()


def batch(count: int = 5) -> PixelBatch:
    draw = torch.Generator().manual_seed(1)
    characters = torch.randint(len(CHARACTERS), (count, 2), generator=draw)
    images = torch.randint(256, (count, 28, 28), dtype=torch.uint8, generator=draw)
    return PixelBatch(images, characters, torch.randn(count, 2, generator=draw), torch.zeros(count, dtype=torch.int64))


@torch.inference_mode()
def test_no_pixel_sees_itself_or_what_comes_later(network):
    one = batch(1)
    style = torch.randn(1, 4)
    before = network(one.images, one.characters, style)
    for row, column in ((0, 0), (5, 13), (5, 14), (20, 27), (27, 3)):
        changed = one.images.clone()
        changed[0, row, column] ^= 0xF0
        differing = (network(changed, one.characters, style) != before).any(3)[0].flatten()
        assert not differing[: row * 28 + column + 1].any()
        if (row, column) != (27, 27):
            assert differing[row * 28 + column + 1 :].any()


@torch.inference_mode()
def test_sampling_draws_from_the_distribution_that_training_sees(network):
    """With the same noise the step-by-step samples are what the parallel pass says, pixel for pixel."""
    characters, style = torch.tensor([0, 11, 40]), torch.randn(3, 4)
    drawn = network.sample(characters, style, temperature=0.7, generator=torch.Generator().manual_seed(3))
    noise = -torch.empty(28, 14, 2, 3, LEVELS).exponential_(generator=torch.Generator().manual_seed(3)).log()
    logits = network(drawn, characters.unsqueeze(1).expand(-1, 2), style).unflatten(2, (14, 2)).permute(1, 2, 3, 0, 4) / 0.7
    again = (logits + noise).argmax(-1).permute(3, 0, 1, 2).flatten(2)
    assert torch.equal(again, (drawn >> 4).long())
    assert (drawn % 17 == 0).all()


@torch.inference_mode()
def test_a_batch_equals_one_by_one(network):
    several = batch()
    style = torch.randn(5, 4)
    together = network(several.images, several.characters, style)
    for index in range(5):
        part = slice(index, index + 1)
        alone = network(several.images[part], several.characters[part], style[part])
        torch.testing.assert_close(together[part], alone, atol=1e-5, rtol=1e-5)
        for one, all_ in zip(
            network.encode(several.images[part], several.characters[part]), network.encode(several.images, several.characters), strict=True
        ):
            torch.testing.assert_close(one, all_[part], atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_an_unknown_case_lies_between_the_two(network):
    style = torch.randn(1, 4)
    upper, lower = CHARACTERS.index("C"), CHARACTERS.index("c")
    unknown = network._condition(torch.tensor([[upper, lower]]), style)
    known = [network._condition(torch.tensor([[index, index]]), style) for index in (upper, lower)]
    torch.testing.assert_close(unknown, (known[0] + known[1]) / 2)


def test_the_likelihood_is_one(network):
    """Of two pixels, given all others above them, the probabilities of all pairs of levels add up to one."""
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    style, characters = torch.zeros(1, 4), torch.tensor([[3, 3]])
    total = 0.0
    with torch.inference_mode():
        for left, right in itertools.product(range(LEVELS), repeat=2):
            image[0, 27, 26], image[0, 27, 27] = 17 * left, 17 * right
            logs = network(image, characters, style).log_softmax(3)[0, 27]
            total += math.exp(float(logs[26, left] + logs[27, right]))
    assert total == pytest.approx(1, abs=1e-4)


def test_the_loss_reaches_every_parameter(network):
    network.train()
    loss, parts = network.loss(batch())
    loss.backward()
    assert all(math.isfinite(float(part)) for part in parts.values())
    idle = [name for name, parameter in network.named_parameters() if parameter.grad is None or not parameter.grad.any()]
    assert idle == []


def test_it_learns(network):
    images, labels = glyphs(2)
    data = CharSet(images, labels, [""] * len(labels))
    known = pictures_of(data, np.arange(len(labels)), class_traits(images, labels))
    batches = EvenBatches(known, 32, 0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    network.train()
    torch.manual_seed(0)
    losses = []
    for step in range(40):
        loss, _ = network.loss(batches(step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.6 * losses[0]


def test_saving_and_loading_gives_the_same(network, tmp_path: Path):
    network.save_pretrained(tmp_path)
    loaded = PixelLSTM.from_pretrained(tmp_path)
    one, style = batch(2), torch.randn(2, 4)
    with torch.inference_mode():
        assert torch.equal(network(one.images, one.characters, style), loaded(one.images, one.characters, style))


@pytest.mark.parametrize(
    "value",
    [{"style_size": 1}, {"hidden_size": 10**9}, {"num_layers": 0}, {"charset": "aa"}, {"temperature": 0}, {"dropout": "0.1"}, {"what": 1}],
)
def test_a_hostile_configuration_is_refused(network, tmp_path: Path, value: dict):
    network.save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | value))
    with pytest.raises(ModelError, match=r"config\.json"):
        PixelLSTM.from_pretrained(tmp_path)


def test_it_draws_on_the_device_where_it_lives() -> None:
    """Tensors that were made on the CPU don't mix with those of another device: "meta" stands for a graphics card."""
    small = PixelLSTM(hidden_size=8, plan_hidden_size=8, encoder_hidden_size=8, pixel_hidden_size=8).to("meta").eval()
    labels, style = torch.zeros(3, dtype=torch.int64, device="meta"), torch.zeros(3, small.style_size, device="meta")
    drawn = small.sample(labels, style, generator=torch.Generator())
    assert (drawn.device.type, drawn.shape) == ("meta", (3, 28, 28))
    mean, _ = small.encode(drawn, labels.unsqueeze(1).expand(-1, 2))
    assert mean.device.type == "meta"
