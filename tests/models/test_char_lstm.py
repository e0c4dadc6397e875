"""The network that reads characters: its size, its options, and what must hold whatever its weights are."""

import numpy as np
import pytest
import torch

from hwr import CharLSTM
from hwr.models.char_lstm import CharBatch
from hwr.models.sizes import parameter_count

OPTIONS = [
    {},
    {"bidirectional": True},
    {"pooling": "mean"},
    {"scan": "rows+columns"},
    {"bidirectional": True, "scan": "rows+columns", "pooling": "mean", "stem_channels": [3, 5]},
    {"stem_channels": [4], "num_layers": 1},
]


def network(**options) -> CharLSTM:
    torch.manual_seed(0)
    return CharLSTM(**({"hidden_size": 8} | options)).eval()


def pictures(count: int = 5) -> torch.Tensor:
    return torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_the_reference_model_is_as_published():
    reference = CharLSTM()
    assert parameter_count(reference) == 219_055
    (lstm,) = reference.scanners
    assert (lstm.input_size, lstm.hidden_size, lstm.num_layers, lstm.dropout, lstm.bidirectional) == (28, 128, 2, 0.2, False)
    assert reference.dropout.p == 0.2
    assert reference(torch.zeros(1, 28, 28)).shape == (1, 47)


@pytest.mark.parametrize("options", OPTIONS)
def test_a_batch_reads_as_its_images_one_by_one(options):
    model = network(**options)
    together = model.probabilities(pictures())
    alone = torch.cat([model.probabilities(picture[None]) for picture in pictures()])
    torch.testing.assert_close(together, alone)
    torch.testing.assert_close(together.sum(1), torch.ones(5))


@pytest.mark.parametrize("options", OPTIONS)
def test_saved_and_loaded_gives_equal_logits(options, tmp_path):
    model = network(temperature=1.7, **options)
    model.save_pretrained(tmp_path)
    loaded = CharLSTM.from_pretrained(tmp_path)
    assert torch.equal(model.probabilities(pictures()), loaded.probabilities(pictures()))


@pytest.mark.parametrize("options", OPTIONS)
def test_the_last_row_of_a_trace_is_the_answer(options):
    model = network(**options)
    trace = model.trace(pictures()[0].numpy())
    assert trace.shape == (28, 47)
    np.testing.assert_allclose(trace[-1], model.classify(pictures()[:1].numpy())[0], atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS)
def test_a_trace_knows_nothing_of_rows_to_come(options):
    model = network(**options)
    picture, other = pictures()[0], pictures()[0].clone()
    other[20:] = 255 - other[20:]
    first, second = model.trace(picture.numpy()), model.trace(other.numpy())
    np.testing.assert_allclose(first[:20], second[:20], atol=1e-6)
    assert not np.allclose(first[20:], second[20:])


def test_a_trace_has_a_row_for_each_row_with_ink_or_without():
    model = network()
    picture = pictures()[0].numpy().copy()
    picture[[0, 1, 9, 27]] = 0
    rows = np.stack([np.where(np.arange(28)[:, None] <= last, picture, 0) for last in range(28)]).astype(np.uint8)
    np.testing.assert_allclose(model.trace(picture), model.classify(rows), atol=1e-6)
    assert model.trace(np.zeros((28, 28), np.uint8)).shape == (28, 47)


@pytest.mark.parametrize("scan", ["rows", "rows+columns"])
def test_columns_are_read_only_if_asked_for(scan):
    model = network(scan=scan)
    with torch.no_grad():  # silence the row reader: what is left is the column reader
        model.output.weight[:, :8] = 0
    assert torch.allclose(model(torch.rand(1, 28, 28)), model(torch.rand(1, 28, 28))) == (scan == "rows")


def test_a_teacher_draws_the_student_to_it():
    model = network().train()
    images, labels = pictures().float() / 255, torch.zeros(5, dtype=torch.long)
    teacher = torch.zeros(5, 47)
    teacher[:, 7] = 20
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(60):
        loss, parts = model.loss(CharBatch(images, labels, teacher))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert set(parts) == {"cross_entropy", "distillation"}
    assert (model.eval()(images).argmax(1) == 7).all()


@pytest.mark.parametrize(
    "config",
    [
        {"hidden_size": 10**9},
        {"hidden_size": 0},
        {"hidden_size": True},
        {"hidden_size": 12.0},
        {"num_layers": 99},
        {"dropout": 1.5},
        {"dropout": "0.2"},
        {"dropout": float("nan")},
        {"bidirectional": 1},
        {"scan": "diagonal"},
        {"scan": ["rows"]},
        {"pooling": None},
        {"stem_channels": "32"},
        {"stem_channels": [10**6]},
        {"stem_channels": [8] * 9},
        {"classes": ""},
        {"classes": "aa"},
        {"classes": 47},
        {"temperature": 0},
        {"temperature": float("inf")},
        {"preprocessing": 0},
        {"trained_on": "emnist"},
    ],
)
def test_a_config_out_of_range_is_refused(config):
    with pytest.raises(ValueError, match=next(iter(config))):
        CharLSTM(**config)
