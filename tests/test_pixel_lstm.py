"""The network that draws characters, its baselines and its judge."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from glyphs import glyphs

from hwr import InputError, ModelError, PixelLSTM
from hwr.charset import CHARACTERS, CLASSES
from hwr.data.emnist import CharSet
from hwr.glyph_style import slant, stroke_width
from hwr.judging import carried_over, diversity, nearest, precision_recall
from hwr.models.pixel_lstm import LEVELS, PixelBatch
from hwr.recipes.pixel_baselines import Categorical, ConditionalVAE
from hwr.recipes.pixel_data import EvenBatches, characters_of, class_traits, pictures

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
    known = pictures(data, np.arange(len(labels)), class_traits(images, labels))
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


# --- data ---


def test_what_is_not_known_of_a_picture_is_not_guessed():
    upper, lower = CHARACTERS.index("C"), CHARACTERS.index("c")
    label = CLASSES.index("C")
    assert characters_of(label) == (upper, lower)
    assert characters_of(label, "c") == (lower, lower)
    assert characters_of(CLASSES.index("A")) == (CHARACTERS.index("A"),) * 2
    assert characters_of(CLASSES.index("a")) == (CHARACTERS.index("a"),) * 2


def test_batches_are_even_and_repeatable():
    images, labels = glyphs(1)
    images, labels = np.concatenate([images, np.repeat(images[:1], 500, 0)]), np.concatenate([labels, np.repeat(labels[:1], 500)])
    batches = EvenBatches(
        pictures(CharSet(images, labels, [""] * len(labels)), np.arange(len(labels)), class_traits(images, labels)), 94, 7
    )
    assert torch.equal(batches(3).images, batches(3).images)
    drawn = torch.cat([batches(step).labels for step in range(30)])
    assert torch.bincount(drawn, minlength=47).max() < 3 * 60  # 60 are expected of each class, whatever there is of it


def test_a_class_without_pictures_is_refused():
    images, labels = glyphs(1)
    with pytest.raises(InputError, match="no image of A"):
        class_traits(images[labels != 10], labels[labels != 10])


# --- what is measured ---


@pytest.mark.parametrize("lean", [-0.5, 0.0, 0.4])
@pytest.mark.parametrize("width", [9, 15])
def test_traits_of_a_stroke(lean: float, width: int):
    import cv2

    picture = np.zeros((200, 200), np.uint8)
    x = 60 * lean
    cv2.line(picture, (round(100 - x), 160), (round(100 + x), 40), 255, width, cv2.LINE_AA)
    assert slant(picture[None])[0] == pytest.approx(lean, abs=0.03)
    assert stroke_width(picture[None])[0] == pytest.approx(width + 1, rel=0.15)  # the edges are smooth
    assert stroke_width(picture[None] / 255.0)[0] == pytest.approx(stroke_width(picture[None])[0])


def test_nothing_has_no_traits():
    empty = np.zeros((2, 28, 28), np.uint8)
    assert slant(empty).tolist() == [0, 0]
    assert stroke_width(empty).tolist() == [0, 0]


def test_drawing_from_the_data_itself_is_judged_as_real():
    draw = np.random.default_rng(0)
    features = draw.normal(size=(400, 6))
    labels = np.repeat([0, 1], 200)
    features[200:] += 5
    half = draw.permutation(400)
    one, other = half[:200], half[200:]
    assert diversity(features[one], labels[one], features[other], labels[other]) == pytest.approx(1, abs=0.25)
    assert diversity(0.5 * features[one], labels[one], features[other], labels[other]) == pytest.approx(0.25, abs=0.1)
    precision, recall = precision_recall(features[one], features[other])
    assert precision > 0.7
    assert recall > 0.7
    far = precision_recall(features[one] + 100, features[other])
    assert far == (0.0, 0.0)
    one_mode = features[labels == 0]
    precision, recall = precision_recall(one_mode[:100], features)
    assert precision == 1
    assert recall < 0.8


def test_what_a_style_carries_over():
    draw = np.random.default_rng(0)
    style = draw.normal(size=(500, 1))
    assert carried_over(style + 0 * draw.normal(size=(500, 5))) == pytest.approx(1)
    assert carried_over(style + draw.normal(size=(500, 5))) == pytest.approx(0.5, abs=0.1)
    assert carried_over(draw.normal(size=(500, 5))) == pytest.approx(0, abs=0.1)
    sparse = style + draw.normal(size=(500, 5))
    sparse[draw.random(sparse.shape) < 0.5] = np.nan
    assert carried_over(sparse) == pytest.approx(0.5, abs=0.15)


def test_the_nearest_picture_of_a_picture_is_itself():
    images, _ = glyphs(1)
    assert nearest(images[:5], images, 2)[:, 0].tolist() == [0, 1, 2, 3, 4]


# --- baselines ---


def test_independent_pixels_cost_what_their_distribution_says():
    images, labels = glyphs(3)
    baseline = Categorical(images, labels)
    np.testing.assert_allclose(baseline.probabilities.sum(2), 1)
    cost = 0.0
    for image, label in zip(images[:20] >> 4, labels[:20], strict=True):
        cost += sum(-math.log2(baseline.probabilities[label, pixel, level]) for pixel, level in enumerate(image.ravel()))
    assert baseline.bits_per_dim(images[:20], labels[:20]) == pytest.approx(cost / (20 * 784))
    drawn = baseline.sample(np.repeat(labels[:1], 300), np.random.default_rng(0)).astype(float).mean(0)
    expected = (baseline.probabilities[labels[0]] * 17 * np.arange(LEVELS)).sum(1).reshape(28, 28)
    assert np.abs(drawn - expected).max() < 40


def test_the_vae_draws_and_is_bounded():
    torch.manual_seed(0)
    vae = ConditionalVAE(hidden_size=16, latent_size=2)
    images, labels = glyphs(1)
    assert vae.bits_per_dim(images, labels) == pytest.approx(4, abs=0.2)  # untrained: 16 levels, all alike
    drawn = vae.sample(labels, np.random.default_rng(0))
    assert drawn.shape == images.shape
    assert drawn.dtype == np.uint8
    assert np.array_equal(drawn, vae.sample(labels, np.random.default_rng(0)))
