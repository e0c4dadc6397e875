"""The recogniser as people use it, with the shipped weights."""

import json
import os
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from hwr import CharLSTM, CharRecognizer, InputError, ModelError
from hwr.ink.rendering import fitted_picture
from hwr.ink.strokes import parse_strokes
from hwr.models.sizes import parameter_count
from hwr.pictures.character import character
from hwr.predictors.char import combined

SEVEN = [[[0, 0, 0], [60, 0, 40], [60, 4, 50], [20, 100, 160]]]
ELL = [[[0, 0], [0, 100], [55, 100]]]
TEE = [[[0, 0], [100, 0]], [[50, 0], [50, 110]]]


@pytest.fixture(scope="module")
def recognizer() -> CharRecognizer:
    return CharRecognizer.from_pretrained()


def picture(strokes=SEVEN) -> np.ndarray:
    return fitted_picture(parse_strokes(strokes))


def test_it_reads(recognizer):
    assert recognizer.predict_strokes(SEVEN).char == "7"
    assert recognizer.predict_strokes(ELL).char == "L"
    assert recognizer.predict_strokes(TEE).char == "T"


@pytest.mark.parametrize("name", ["char-best", "char-reference"])
def test_both_shipped_models_read_and_agree_with_their_cards(name):
    model = CharRecognizer.from_pretrained(name)
    assert model.predict(picture()).char == "7"
    metrics = json.loads((model_folder(name) / "metrics.json").read_text())
    assert parameter_count(CharLSTM.from_pretrained(model_folder(name))) == metrics["parameters"]
    card = (model_folder(name) / "README.md").read_text()
    for result in metrics["results"]:
        assert f"{result['accuracy']:.4f}" in card
        assert f"{result['macro_f1']:.4f}" in card


def model_folder(name: str):
    from hwr.hub.finding import fetch

    return fetch(name)


@pytest.mark.skipif("HWR_DATASETS" not in os.environ, reason="needs the real data (HWR_DATASETS)")
@pytest.mark.parametrize("name", ["char-best", "char-reference"])
def test_the_shipped_figures_are_those_of_the_shipped_weights(name):
    """On a part of the test split, within what sampling allows."""
    from hwr.data import emnist

    model = CharRecognizer.from_pretrained(name)
    stated = json.loads((model_folder(name) / "metrics.json").read_text())["results"][0]["accuracy"]
    data = emnist.load(os.path.join(os.environ["HWR_DATASETS"], "emnist-47"), "test")
    chosen = np.random.default_rng(0).choice(len(data), 2000, replace=False)
    read = model.predict_batch([data.images[k] for k in chosen], top_k=1)
    accuracy = np.mean([prediction.char == data.classes[data.labels[k]] for prediction, k in zip(read, chosen, strict=True)])
    assert abs(accuracy - stated) < 4 * np.sqrt(stated * (1 - stated) / len(chosen))


def test_a_result_is_a_sequence_best_first(recognizer):
    result = recognizer.predict(picture(), top_k=47)
    assert len(result) == 47
    chars, probabilities = zip(*result, strict=True)
    assert sorted(chars) == sorted(recognizer.classes)
    assert list(probabilities) == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=1e-4)
    assert (result.char, result.confidence) == result[0]
    assert result[:3] == recognizer.predict(picture(), top_k=3)[:]
    exported = json.loads(json.dumps(result.export()))
    assert exported["label"] == "7"
    assert exported["confidences"][0] == {"label": "7", "confidence": result.confidence}
    assert np.array_equal(result.seen, character(picture()))


def test_images_and_strokes_take_the_same_path(recognizer):
    looks = CharRecognizer(recognizer.network)
    assert looks.predict(picture())[:] == looks.predict_strokes(SEVEN)[:] == recognizer.predict(picture())[:]
    assert np.array_equal(recognizer.trace(picture()), recognizer.trace(recognizer.predict_strokes(SEVEN)))


def test_the_order_of_strokes_counts(recognizer):
    looks = CharRecognizer(recognizer.network)
    ring = [[[50 + 40 * np.cos(a), 50 + 50 * np.sin(a)] for a in np.linspace(0, 6.4, 40)]]
    for strokes in (SEVEN, ELL, TEE, ring):
        both, alone = (reader.predict_strokes(strokes, top_k=47) for reader in (recognizer, looks))
        assert np.array_equal(both.seen, alone.seen)
        assert sum(probability for _, probability in both) == pytest.approx(1, abs=1e-6)
        assert dict(both) != dict(alone)


@pytest.mark.parametrize("strokes", [[[[5, 5]]], [[[5, 5], [5, 5]]], [[[0, 0], [1000, 0]]], [[[0, 0], [3, 9]], [[50, 50]]]])
def test_the_least_ink_is_read(recognizer, strokes):
    read = recognizer.predict_strokes(strokes, top_k=47)
    assert all(np.isfinite(probability) for _, probability in read)


def test_classes_that_ink_knows_nothing_of_are_read_by_their_looks(recognizer):
    torch.manual_seed(0)
    network = CharLSTM(classes="AΩ", hidden_size=4)
    assert CharRecognizer(network, ink=recognizer.ink).predict_strokes(ELL)[:] == CharRecognizer(network).predict_strokes(ELL)[:]
    few = CharRecognizer(CharLSTM(classes="LT", hidden_size=4), ink=recognizer.ink)
    assert few.predict_strokes(ELL).char == "L"
    assert few.predict_strokes(TEE).char == "T"


def test_looks_and_order_that_exclude_everything_still_give_probabilities():
    looks = np.zeros((2, 3), np.float32)
    looks[:, 0] = 1
    order = np.log(np.array([[0.5, 0.5, 1e-300], [1e-300, 1e-300, 1.0]]))
    both = combined(looks, order)
    assert np.isfinite(both).all()
    np.testing.assert_allclose(both.sum(1), 1)


def test_a_batch_reads_as_its_images_one_by_one(recognizer):
    pictures = [picture(SEVEN), picture(ELL), picture(TEE)] * 3
    for together, alone in zip(recognizer.predict_batch(pictures), (recognizer.predict(one) for one in pictures), strict=True):
        assert [char for char, _ in together] == [char for char, _ in alone]
        assert [p for _, p in together] == pytest.approx([p for _, p in alone], abs=1e-5)


def test_a_bad_image_in_a_batch_costs_nothing_else(recognizer, tmp_path):
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    Image.fromarray(picture()).save(good)
    bad.write_text("no picture")
    results = recognizer.predict_batch([bad, good, np.zeros((50, 50), np.uint8), str(good), None])
    assert [result.char for result in results] == ["", "7", "", "7", ""]
    assert [result.error is None for result in results] == [False, True, False, True, False]
    assert "bad.png" in results[0].error
    assert results[0].export()["error"] == results[0].error
    assert len(results[0]) == 0
    assert recognizer.predict_batch([]) == []


def test_a_trace_ends_in_the_answer(recognizer):
    trace = recognizer.trace(picture())
    assert trace.shape == (28, 47)
    assert trace.sum(1) == pytest.approx(np.ones(28), abs=1e-4)
    assert trace[-1].max() == pytest.approx(recognizer.predict(picture()).confidence, abs=1e-4)


def test_a_look_alike_is_named(recognizer):
    ring = [[[50 + 40 * np.cos(a), 50 + 50 * np.sin(a)] for a in np.linspace(0, 6.4, 40)]]
    result = recognizer.predict_strokes(ring)
    assert {result.char, result.look_alike} == {"0", "O"}
    assert recognizer.predict_strokes(TEE).look_alike is None


@pytest.mark.parametrize("top_k", [0, -1, 2.5, "5", None, True])
def test_top_k_is_checked(recognizer, top_k):
    with pytest.raises(InputError, match="top_k"):
        recognizer.predict(picture(), top_k=top_k)
    with pytest.raises(InputError, match="top_k"):
        recognizer.predict_batch([picture()], top_k=top_k)


def test_many_threads_share_one_recognizer(recognizer):
    expected = [recognizer.predict_strokes(strokes)[:] for strokes in (SEVEN, ELL, TEE)]
    failures = []

    def work() -> None:
        for _ in range(5):
            for strokes, right in zip((SEVEN, ELL, TEE), expected, strict=True):
                if recognizer.predict_strokes(strokes)[:] != right:
                    failures.append(strokes)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_model_that_is_not_there_is_a_sentence(tmp_path):
    for name in (str(tmp_path), str(tmp_path / "nothing"), "no-such-weights"):
        with pytest.raises(ModelError):
            CharRecognizer.from_pretrained(name)
