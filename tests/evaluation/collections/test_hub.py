"""Data sets on the Hub."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from collecting import png
from glyphs import emnist_folder, glyphs
from hub_clients import client
from hub_server import FakeHub

EVALUATE = """
import contextlib, io
from datasets import load_dataset
from hwr import cli
folder, *words = sys.argv[1:]
load_dataset(folder).push_to_hub("user/set")
result = []
for more in ([], ["--label-column", "nothing"]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as complaints:
        code = cli.main(["evaluate", "user/set", *words, *more])
    result.append([code, complaints.getvalue()])
"""


def test_a_hub_data_set_is_streamed(hub: FakeHub, tmp_path: Path):
    done, wrong = client(hub.env, EVALUATE, emnist_folder(tmp_path, 2), "--limit", "60", "--report", str(tmp_path / "report"))
    assert done[0] == 0, done[1]
    assert json.loads((tmp_path / "report/metrics.json").read_text())["n"] == 60
    assert wrong[0] == 2
    assert "its columns: image" in wrong[1]


def save(path: Path, columns: dict[str, list[Any]], **options: Any) -> None:
    pq.write_table(pa.table(columns), path, **options)


OPEN = """
from hwr.errors import InputError
from hwr.evaluation.collections.opening import open_hub

def said(name, limit=None):
    try:
        entries = list(open_hub(name, limit=limit and int(limit)).entries())
    except InputError as error:
        return str(error)
    labels, writers = (sorted({getattr(entry, name) for entry in entries}) for name in ("label", "writer"))
    return [len(entries), labels, writers, entries[0].read()[:4].hex()]

result = [said(*words.split()) for words in sys.argv[1:]]
"""


def test_its_tables_are_held_to_the_limits_of_those_on_disk(hub: FakeHub, tmp_path: Path):
    picture = png(glyphs(1)[0][0])
    save(tmp_path / "good.parquet", {"image": [picture] * 50, "label": list("AB") * 25, "writer": ["one", "two"] * 25})
    save(tmp_path / "tight.parquet", {"image": [bytes(1_000_000)] * 40, "label": ["A"] * 40}, compression="zstd", use_dictionary=False)
    repos = {
        "user/good": {"data/test-0.parquet": "good", "data/test-1.parquet": "good", "data/train.parquet": "tight"},
        "user/tight": {"data/test.parquet": "tight"},
        "user/second": {"data/test-0.parquet": "good", "data/test-1.parquet": "tight"},
    }
    for name, files in repos.items():
        hub.add(name, {path: (tmp_path / f"{table}.parquet").read_bytes() for path, table in files.items()}, kind="datasets")
    # Stored in another way, without the copy that the real Hub makes of it, and with.
    for name in ("user/plain", "user/converted"):
        hub.add(name, {"data/test.csv": b"label\nA\n"}, kind="datasets")
    hub.repos["datasets", "user/converted"].commit("refs/convert/parquet", {}, "convert")
    copy = {"default/test/0000.parquet": (tmp_path / "good.parquet").read_bytes()}
    hub.add("user/converted", copy, kind="datasets", branch="refs/convert/parquet")

    whole = [["A", "B"], ["one", "two"], b"\x89PNG".hex()]
    good, converted, tight, second, thirty, plain = client(
        hub.env, OPEN, "user/good", "user/converted", "user/tight", "user/second", "user/second 30", "user/plain"
    )
    assert good == [100, *whole]
    assert converted == [50, *whole]
    assert "tightly" in tight
    assert "tightly" in second
    assert thirty == [30, *whole]
    assert "not stored as Parquet" in plain
    (many,) = client(hub.env | {"HWR_MAX_ENTRIES": "60"}, OPEN, "user/good")
    assert "at most 60 are read" in many
