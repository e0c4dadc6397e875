"""The network that reads lines: shapes, padding, case folding, loss, saving and loading."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from hwr.charset import LATIN, PRINTABLE
from hwr.errors import ModelError
from hwr.models.line_ctc import UNLIKELY, LineBatch, LineCTC, padded, steps
from hwr.pictures.line import LINE_HEIGHT

SMALL = {"stem_channels": [4, 4, 6, 6], "hidden_size": 8}


@pytest.fixture
def network() -> LineCTC:
    torch.manual_seed(0)
    network = LineCTC(**SMALL)
    for module in network.modules():  # statistics that do something, as after training
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.bias.data.uniform_(-0.5, 0.5)
    return network.eval()


def pictures(*widths: int) -> list[np.ndarray]:
    draw = np.random.default_rng(0)
    return [draw.integers(0, 256, (LINE_HEIGHT, width), dtype=np.uint8) for width in widths]


def batch(texts: list[str], widths: list[int], any_case: list[bool]) -> LineBatch:
    images, columns = padded(pictures(*widths))
    labels = [1 + PRINTABLE.index(char) for text in texts for char in text]
    return LineBatch(images, columns, torch.tensor(labels), torch.tensor([len(text) for text in texts]), torch.tensor(any_case))


def test_a_batch_equals_one_by_one(network):
    lines = pictures(40, 12, 200, 36, 120, 8)
    together = network.emissions(lines)
    for line, emitted in zip(lines, together, strict=True):
        (alone,) = network.emissions([line])
        assert alone.shape == (line.shape[1] // 4, 1 + len(PRINTABLE))
        np.testing.assert_allclose(emitted, alone, atol=2e-5)
        np.testing.assert_allclose(np.exp(alone).sum(1), 1, atol=1e-5)


def test_nothing_of_what_lies_in_the_padding_counts(network):
    images, widths = padded(pictures(40, 80))
    before = network.log_probabilities(images, widths)[0, :10]
    images[0, :, 40:] = 255
    torch.testing.assert_close(network.log_probabilities(images, widths)[0, :10], before, atol=1e-5, rtol=0)


def test_it_reads_both_ways(network):
    (line,) = pictures(24)
    (before,) = network.emissions([line])
    line[:, 20:] = 0
    (after,) = network.emissions([line])
    assert np.abs(before[0] - after[0]).max() > 1e-5


def test_the_loss_is_the_ctc_loss_per_character(network):
    texts = ["Hello", "a b"]
    sample = batch(texts, [80, 60], [False, False])
    loss, parts = network.loss(sample)
    log_probs = network.log_probabilities(sample.images, sample.widths)
    expected = sum(
        F.ctc_loss(
            log_probs[row, : steps(sample.widths)[row], None],
            targets[None],
            (int(steps(sample.widths)[row]),),
            (len(targets),),
            reduction="sum",
        )
        for row, targets in enumerate(sample.targets.split(sample.lengths.tolist()))
    )
    assert float(loss.detach()) == pytest.approx(float(expected.detach()) / 8, rel=1e-4)
    assert float(parts["ctc"]) == pytest.approx(float(loss.detach()))


def test_where_case_means_nothing_the_label_s_case_has_no_influence(network):
    losses = {text: float(network.loss(batch([text], [80], [True]))[0].detach()) for text in ("hElLo1", "HELLO1", "hello1")}
    assert len({round(loss, 5) for loss in losses.values()}) == 1
    strict = [float(network.loss(batch([text], [80], [False]))[0].detach()) for text in ("HELLO1", "hello1")]
    assert strict[0] != pytest.approx(strict[1], abs=1e-5)
    # Either case may be written, so what is asked for is likelier than any one spelling.
    assert losses["hello1"] < min(strict)


def test_folding_one_sample_leaves_the_others_alone(network):
    def loss(texts: list[str]) -> float:
        return float(network.loss(batch(texts, [60, 60], [True, False]))[0].detach())

    assert loss(["Ab", "Cd"]) == pytest.approx(loss(["aB", "Cd"]), abs=1e-5)
    assert loss(["Ab", "Cd"]) != pytest.approx(loss(["Ab", "cD"]), abs=1e-5)


def test_a_text_too_long_for_its_picture_costs_nothing_but_is_not_infinite(network):
    loss, _ = network.loss(batch(["far too long a text", "ok"], [12, 60], [False, False]))
    assert math.isfinite(float(loss.detach()))
    loss.backward()
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)


def test_it_learns(network):
    network.train()
    sample = batch(["ab", "ba", "aab"], [60, 60, 60], [False, True, False])
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-2)
    before = float(network.eval().loss(sample)[0].detach())
    network.train()
    for _ in range(40):
        loss, _ = network.loss(sample)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(network.eval().loss(sample)[0].detach()) < before / 2


def test_saved_and_loaded_it_says_the_same(network, tmp_path):
    network.save_pretrained(tmp_path)
    again = LineCTC.from_pretrained(tmp_path)
    lines = pictures(60, 24)
    for one, other in zip(network.emissions(lines), again.emissions(lines), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "config",
    [
        {"charset": ""},
        {"charset": "aa"},
        {"charset": "a" * 5000},
        {"stem_channels": [1, 2, 3]},
        {"stem_channels": [1, 2, 3, 10**9]},
        {"hidden_size": 10**9},
        {"num_layers": 0},
        {"num_layers": True},
        {"dropout": math.nan},
        {"calibration": [1.0]},
        {"calibration": [1.0, 2.0, 3.0, math.inf]},
        {"preprocessing": 99},
        {"trained_on": "unipen"},
    ],
)
def test_a_config_out_of_range_is_refused(config):
    with pytest.raises(ValueError, match=next(iter(config))):
        LineCTC(**config)


def test_weights_of_another_shape_are_refused(network, tmp_path):
    network.save_pretrained(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"hidden_size": 8', '"hidden_size": 9'))
    with pytest.raises(ModelError, match="doesn't fit"):
        LineCTC.from_pretrained(tmp_path)


def test_a_network_begins_with_one_of_fewer_characters(network):
    more = LineCTC(charset=LATIN, **SMALL).eval()
    more.begin_with(network)
    (line,) = pictures(80)
    (before,), (after,) = network.emissions([line]), more.emissions([line])
    known = after[:, : 1 + len(PRINTABLE)] - np.logaddexp.reduce(after[:, : 1 + len(PRINTABLE)], axis=1, keepdims=True)
    np.testing.assert_allclose(known, before, atol=1e-4)  # of what it knew it says the same
    e, accented = 1 + LATIN.index("e"), 1 + LATIN.index("é")
    np.testing.assert_allclose(after[:, accented], after[:, e] - UNLIKELY, atol=1e-4)


def test_a_network_begins_with_none_of_another_shape(network):
    for other in ({"hidden_size": 9}, {"stem_channels": [4, 4, 6, 8]}, {"num_layers": 1}):
        with pytest.raises(ValueError, match="another shape"):
            LineCTC(**SMALL | other).begin_with(network)
