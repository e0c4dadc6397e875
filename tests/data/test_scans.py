"""Scanned words: which writers are kept, what is left out, how a scan is varied."""

import cv2
import datasets
import numpy as np
import pytest
from ink_drawn import drawn, rng

from hwr import InputError
from hwr.data import scans
from hwr.pictures.line import normalise_line


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    where = tmp_path_factory.mktemp("scans")
    rows = []
    for number in range(60):
        _, encoded = cv2.imencode(".png", 255 - cv2.resize(drawn(number), (256, 64)))
        label = ("Größe", "Straße", "漢字")[number % 3]
        rows.append({"image": {"bytes": encoded.tobytes(), "path": None}, "label": label, "writer": f"somebody-{number % 20}"})
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("string"), "writer": datasets.Value("string")})
    datasets.Dataset.from_list(rows, features=features).to_parquet(where / "train.parquet")
    return str(where)


def test_no_writer_is_in_both_splits_and_what_cannot_be_read_is_left_out(folder):
    train, validation = (scans.load(folder, split) for split in ("train", "validation"))
    assert set(train.writers).isdisjoint(validation.writers)
    assert len(train) + len(validation) == 40
    assert set(train.texts) | set(validation.texts) == {"Größe", "Straße"}
    assert all(image.shape == (64, 256) and image.dtype == np.uint8 for image in train.images)
    assert len(scans.load(folder, "train", "Gröeß")) < len(train)


def test_a_varied_scan_shows_the_same_ink_elsewhere():
    picture = 255 - drawn()
    for seed in range(20):
        varied = scans.varied(picture, rng(seed))
        assert varied.dtype == np.uint8
        assert normalise_line(varied).pixels.max() > 100  # there is still something to read
        assert np.array_equal(varied, scans.varied(picture, rng(seed)))


@pytest.mark.parametrize("wrong", ["no/such/folder", "empty"])
def test_what_are_no_scans_is_refused(wrong, tmp_path):
    if wrong == "empty":
        datasets.Dataset.from_list([{"image": 1}]).to_parquet(tmp_path / "train.parquet")
        wrong = str(tmp_path)
    with pytest.raises(InputError):
        scans.load(wrong, "train")
