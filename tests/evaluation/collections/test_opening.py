"""All kinds of collections, and what is none."""

from pathlib import Path
from typing import Any

import datasets
import pytest
from collecting import archive, good, named, run
from glyphs import emnist_folder, glyphs, idx_files
from PIL import Image

from hwr import InputError
from hwr.charset import CLASSES
from hwr.evaluation.labels import meaning
from hwr.evaluation.result import Evaluation


def test_all_kinds_give_the_same(tmp_path: Path, found: Evaluation, folders: Path):
    entries = named(good(94))
    folder = tmp_path / "folder"
    for name, data in entries.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    chars = {name: meaning(name.split("/")[0], "names") for name in entries}
    table = "file_name,label\n" + "".join(f"{name},{char}\n" for name, char in chars.items())
    flat = archive(tmp_path / "table.zip", {f"data/{name}": data for name, data in entries.items()} | {"data/metadata.csv": table.encode()})
    images, labels = glyphs(2, 5)
    rows = {"image": [Image.fromarray(image) for image in images], "label": [CLASSES[label] for label in labels]}
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("string")})
    datasets.Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "rows.parquet")
    for name, data in idx_files("test", images.transpose(0, 2, 1), labels).items():  # as EMNIST's lie
        (tmp_path / name).write_bytes(data)
    (emnist := tmp_path / "emnist").mkdir()
    emnist_folder(emnist, 2)
    expected = found.metrics()
    for source in (folder, flat, tmp_path / "rows.parquet", tmp_path / "emnist-balanced-test-images-idx3-ubyte"):
        metrics = run(source).metrics()
        assert (metrics["n"], metrics["skipped"]) == (94, []), source
        assert metrics["accuracy"] == expected["accuracy"], source
    assert run(emnist).metrics()["n"] == 94  # of the two splits the test


@pytest.mark.parametrize("kind", ["empty", "truncated", "text", "no images", "all bad", "missing", "bad table", "name", "nul"])
def test_a_collection_that_can_not_be_used_is_a_sentence(tmp_path: Path, kind: str):
    path: Any = tmp_path / "a.zip"
    whole = archive(tmp_path / "whole.zip", named(good(47))).read_bytes()
    content = {"empty": b"", "truncated": whole[:500], "text": b"no archive"}
    if kind in content:
        path.write_bytes(content[kind])
    elif kind in ("no images", "all bad", "bad table"):
        inner = {
            "no images": {"readme.txt": b"x"},
            "all bad": {"A/a.png": b"x"},
            "bad table": {"a.png": b"x", "labels.csv": b"a,b,c\n1,2,3"},
        }
        archive(path, inner[kind])
    elif kind in ("name", "nul"):
        path = {"name": "not a data set", "nul": "a\0b"}[kind]
    with pytest.raises(InputError, match=r"\w.{10,}"):
        run(path)
