"""The recipe of the network that writes with a pen, from ink to a gallery of hands, on miniature data."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from trajectories import WORDS, scrawled

from hwr import InkCTC, InputError
from hwr.data import hands
from hwr.training.recipes import pen

NETWORK = {"hidden_size": 8, "hand_size": 4, "shape_size": 2, "encoder_size": 6, "letter_size": 6, "mixtures": 2}


@pytest.fixture(scope="module")
def trajectories(tmp_path_factory) -> str:
    """Enough words of each writer for a place in the gallery."""
    return scrawled(tmp_path_factory.mktemp("unipen"), WORDS * 6)


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> str:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("reader")
    InkCTC(hidden_size=8, num_layers=1).save_pretrained(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def miniature(monkeypatch):
    monkeypatch.setattr(hands, "WORST_MARGIN", np.inf)  # an untrained reader aligns everything badly
    monkeypatch.setattr(pen, "_PANGRAMS", ("Cat", "dog"))


def recipe(trajectories: str, reader: str, **options) -> pen.PenRecipe:
    return pen.PenRecipe(**{"name": "mini", "ink": trajectories, "reader": reader, **NETWORK, "steps": 3, "batch_size": 2} | options)


def test_a_run_ends_with_a_gallery_and_goes_on_where_it_stopped(trajectories, reader, tmp_path):
    job = recipe(trajectories, reader)
    network, history = job.train(tmp_path)
    assert network.hands == ["Hand 1", "Hand 2"], "of the two writers, without their names"
    assert network.gallery.shape == (2, network.style_size)
    assert not torch.equal(*network.gallery)
    assert history[-1]["step"] == 3
    assert all(np.isfinite(list(entry.values())).all() and entry["validation_loss"] for entry in history)
    assert job.card(network, []).usage
    again, _ = job.train(tmp_path)  # nothing is left to do
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    with pytest.raises(InputError, match="groups"):
        replace(job, batch_size=3).train(tmp_path)


def test_batches_depend_on_seed_and_number_alone(trajectories, reader, tmp_path):
    known = hands.Hands(*pen.prepared(trajectories, reader, "train", tmp_path))
    kept = hands.Hands(*pen.prepared(trajectories, reader, "train", tmp_path))  # from the cache
    first, second = pen.PenBatches(known, 2, 0), pen.PenBatches(kept, 2, 0)
    second(7)
    assert all(torch.equal(one, other) for one, other in zip(first(3), second(3), strict=True))
    assert not torch.equal(first(3).moves, pen.PenBatches(known, 2, 1)(3).moves)


def test_no_style_comes_from_the_sitting_itself_or_from_another_hand(trajectories, reader, tmp_path):
    known = hands.Hands(*pen.prepared(trajectories, reader, "train", tmp_path))
    for step in range(5):
        rng = np.random.default_rng(step)
        groups = [known.group(rng, pen.GROUP, 20, 50) for _ in range(3)]
        references = pen.collate(groups, rng).references
        torch.testing.assert_close(references.sum(1), torch.ones(3 * pen.GROUP))
        owners = [(hand, sitting) for hand, group in enumerate(groups) for sitting, words in enumerate(group) for _ in words]
        rows = [(hand, sitting) for hand, group in enumerate(groups) for sitting in range(len(group))]
        assert references.shape == (len(rows), len(owners))
        for row, share in zip(rows, references, strict=True):
            used = [owner for owner, part in zip(owners, share.tolist(), strict=True) if part]
            assert all(hand == row[0] and sitting != row[1] for hand, sitting in used)


def test_a_training_goes_on_from_other_weights(trajectories, reader, tmp_path):
    job = recipe(trajectories, reader)
    first, _ = job.train(tmp_path / "runs")
    first.save_pretrained(tmp_path / "first")
    further, _ = replace(job, name="further", start_from=str(tmp_path / "first"), learning_rate=1e-12).train(tmp_path / "runs")
    for name, tensor in first.state_dict().items():
        torch.testing.assert_close(tensor, further.state_dict()[name], msg=name)
    with pytest.raises(InputError, match="another shape"):
        replace(job, name="other", start_from=str(tmp_path / "first"), hidden_size=10).train(tmp_path / "runs")


@pytest.mark.parametrize("options", [{"steps": 0}, {"batch_size": 0}, {"learning_rate": 0}, {"seed": -1}, {"mixtures": 0}])
def test_what_cannot_be_trained_is_refused_before_any_data_is_read(options):
    with pytest.raises(InputError):
        recipe("no such data", "no reader", **options)
