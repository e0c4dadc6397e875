"""Batch evaluation: what collections are taken, what is left out and why, the figures, the report, the page."""

import csv
import io
import json
import re
import stat
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from app_server import ROOT, reader, recognizer, shared_app
from browsing import needs_chromium
from glyphs import emnist_folder, glyphs, idx_files
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from hub_server import FakeHub
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.sync_api import Page, expect
from sklearn import metrics as sk

from hwr import CharRecognizer, InputError, batch, cli, report
from hwr.charset import CLASS_OF, CLASSES
from hwr.data import collections
from hwr.data.collections import open_collection
from hwr.data.labels import infer, meaning
from hwr.evaluation import bootstrap_intervals, classification_metrics, mcnemar, text_intervals, text_metrics


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def good(count: int = 47) -> dict[str, bytes]:
    images, labels = glyphs(-(-count // 47), 5)
    return {f"{CLASSES[label]}_/{index}.png": png(image) for index, (image, label) in enumerate(zip(images, labels, strict=True))}


def named(entries: dict[str, bytes]) -> dict[str, bytes]:
    """Folders as on file systems that don't tell A from a."""
    return {
        re.sub(r"^(.)_", lambda m: f"{'digit' if m[1].isdigit() else 'upper' if m[1].isupper() else 'lower'}_{m[1]}", name): data
        for name, data in entries.items()
    }


def run(source: Path, **options: Any) -> batch.Evaluation:
    return batch.evaluate(open_collection(source), recognizer(), reader(), **options)


# --- labels ---


@pytest.mark.parametrize(
    ("labels", "scheme"),
    [
        (list("AbC7"), "characters"),
        (["0", "1", "7"], "characters"),
        (["hello", "1984", "a"], "characters"),
        (["1984", "2024"], "characters"),
        ([str(number) for number in range(47)], "emnist"),
        (["3", "41", "46"], "emnist"),
        (["upper_A", "lower_a", "digit_5"], "names"),
        (["30", "41", "61", "7a"], "hex"),
        (["41", "42"], "hex"),
        ([*(f"{code:02x}" for code in range(0x41, 0x5B)), "odd"], "hex"),
        ([], "characters"),
    ],
)
def test_schemes_are_inferred_from_all_labels(labels: list[str], scheme: str):
    assert infer(labels) == scheme


def test_one_label_can_mean_three_things():
    assert [meaning("41", scheme) for scheme in ("characters", "emnist", "hex")] == ["41", "g", "A"]
    assert meaning("lower_C", "names") == "c"
    assert meaning("upper_5", "names") is None
    assert meaning("99", "emnist") is None


@given(st.text(max_size=6), st.sampled_from(["characters", "emnist", "names", "hex"]))
def test_any_label_means_something_or_nothing(label: str, scheme: str):
    found = meaning(label, scheme)
    assert found is None or found == label or found in CLASS_OF


# --- figures ---


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> Path:
    return archive(tmp_path_factory.mktemp("zip") / "folders.zip", named(good(94)))


@pytest.fixture(scope="module")
def found(folders: Path) -> batch.Evaluation:
    return run(folders)


def test_figures_are_those_of_scikit_learn_on_the_same_predictions(found: batch.Evaluation, tmp_path: Path):
    found.save_predictions(tmp_path / "p.csv")
    rows = list(csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8")))
    truth, read = [row["truth"] for row in rows], [row["read_1"] for row in rows]
    metrics = found.metrics()
    assert metrics["n"] == len(rows) == 94
    assert metrics["accuracy"] == sk.accuracy_score(truth, read)
    assert metrics["macro_f1"] == sk.f1_score(truth, read, average="macro", labels=sorted(set(truth)), zero_division=0)
    assert metrics["weighted_f1"] == sk.f1_score(truth, read, average="weighted", labels=sorted(set(truth)), zero_division=0)
    assert metrics["cohen_kappa"] == pytest.approx(sk.cohen_kappa_score(truth, read))
    assert json.loads(json.dumps(metrics)) == metrics
    assert metrics["skipped"] == []
    assert found.scheme == "names"


def test_the_recogniser_alone_says_the_same(found: batch.Evaluation, folders: Path):
    with zipfile.ZipFile(folders) as file:
        results = recognizer().predict_batch([file.read(name) for name in file.namelist()])
    rows = list(found.predictions())
    assert [row[2] for row in rows] == [result.char for result in results]
    np.testing.assert_allclose([row[3] for row in rows], [result.confidence for result in results], atol=1e-4)


def test_kappa_and_weighted_f1_of_a_single_class():
    with pytest.warns(UserWarning, match="undefined"):
        found = classification_metrics(np.eye(47)[[3, 3]], np.array([3, 3]), CLASSES)
    assert found["cohen_kappa"] == 0
    assert found["weighted_f1"] == 1


def test_bootstrapping_the_matrix_is_bootstrapping_the_images():
    draw = np.random.default_rng(0)
    labels = draw.integers(5, size=400)
    read = np.where(draw.random(400) < 0.7, labels, draw.integers(5, size=400))
    found = classification_metrics(np.eye(47)[read], labels, CLASSES)
    intervals = bootstrap_intervals(found)
    drawn = [draw.integers(400, size=400) for _ in range(400)]
    for name, score in (
        ("accuracy", lambda a, b: (a == b).mean()),
        ("macro_f1", lambda a, b: sk.f1_score(a, b, average="macro", labels=np.unique(a), zero_division=0)),
    ):
        slow = np.percentile([score(labels[chosen], read[chosen]) for chosen in drawn], (2.5, 97.5))
        np.testing.assert_allclose(intervals[name], slow, atol=0.012)
        assert intervals[name][0] < found[name] < intervals[name][1]


def test_intervals_of_texts_hold_the_figure():
    texts, read = ["hello", "world", "a b c"] * 20, ["hallo", "world", "a b"] * 20
    figures, intervals = text_metrics(texts, read), text_intervals(texts, read)
    for name in ("cer", "wer"):
        assert intervals[name][0] <= figures[name] <= intervals[name][1]


def test_mcnemar_of_known_cases():
    right, wrong = np.ones(10, bool), np.zeros(10, bool)
    assert mcnemar(right, right)["p_value"] == 1
    assert mcnemar(right, wrong) == {"only_first": 10, "only_second": 0, "p_value": pytest.approx(2 / 1024)}


def test_two_models_are_compared(folders: Path):
    other = CharRecognizer.from_pretrained("char-reference")
    found = run(folders, against=other)
    alone = batch.evaluate(open_collection(folders), other, reader())
    assert found.comparison["second_accuracy"] == alone.metrics()["accuracy"]
    assert found.comparison["only_first"] + found.comparison["only_second"] == len(found.differing)


# --- kinds of collections ---


def test_all_kinds_give_the_same(tmp_path: Path, found: batch.Evaluation, folders: Path):
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


def test_texts_and_characters_go_through_the_same_door():
    found = batch.evaluate(open_collection(ROOT / "hwr/ui/sets/strokes.zip"), recognizer(), reader()).metrics()
    assert found["n_texts"] == 48
    assert found["n"] == 48 + 144
    assert 0 <= found["cer"] <= found["wer"] <= 1
    edits = found["substitutions"] + found["insertions"] + found["deletions"]
    assert found["cer"] == pytest.approx(edits / (12 * len("hellowritesound1984")))


def test_a_limit_and_wrong_labels(folders: Path):
    found = batch.evaluate(open_collection(folders, limit=10), recognizer(), reader()).metrics()
    assert found["n"] == 10
    with pytest.raises(InputError, match="means nothing as hex"):
        run(folders, labels="hex")
    with pytest.raises(InputError, match="labels must be"):
        run(folders, labels="what")


def test_a_hub_data_set_is_streamed(hub: FakeHub, tmp_path: Path):
    folder = emnist_folder(tmp_path, 2)

    def command(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, *words], cwd=ROOT, env=hub.env, capture_output=True, text=True, check=False)

    pushed = command("-c", f"from datasets import load_dataset; load_dataset({folder!r}).push_to_hub('user/set')")
    assert pushed.returncode == 0, pushed.stderr
    words = ("-m", "hwr", "evaluate", "user/set", "--limit", "60", "--report", str(tmp_path / "report"))
    done = command(*words)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "report/metrics.json").read_text())["n"] == 60
    wrong = command(*words, "--label-column", "nothing")
    assert wrong.returncode == 2
    assert "its columns: image" in wrong.stderr


# --- bad entries ---


def bad_entries() -> dict[str, bytes]:
    """Twenty kinds of entries that can't be used, by names that say so."""
    whole = png(np.zeros((28, 28), np.uint8))
    picture = png(glyphs(1)[0][0])
    buffer = io.BytesIO()
    archive_inside = zipfile.ZipFile(buffer, "w")
    archive_inside.writestr("a.png", picture)
    archive_inside.close()
    bomb = bytearray(picture)
    bomb[16:24] = (50_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    return {
        "upper_A/empty.png": b"",
        "upper_A/text.png": b"this is a text",
        "upper_A/truncated.png": picture[: len(picture) // 2],
        "upper_A/header.png": picture[:20],
        "upper_A/damaged.png": picture[:60] + bytes(20) + picture[80:],
        "upper_A/blank.png": whole,
        "upper_A/white.png": png(np.full((60, 60), 255, np.uint8)),
        "upper_A/tiny.png": png(np.zeros((1, 1), np.uint8)),
        "upper_A/bomb.png": bytes(bomb),
        "upper_A/page.html": b"<html>",
        "upper_A/inner.zip": buffer.getvalue(),
        "upper_A/inner.tar.gz": b"\x1f\x8b",
        "upper_A/vector.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "upper_A/sound.wav": b"RIFF0000WAVE",
        "upper_5/wrong_class.png": picture,
        "question mark/no_class.png": picture,
        "no_folder.png": picture,
        "../outside.png": picture,
        "/absolute.png": picture,
        "C:/windows.png": picture,
        "upper_A/zeros.png": bytes(2_000_000),
    }


def test_bad_entries_are_listed_and_none_is_fatal(tmp_path: Path):
    entries = named(good(940))
    bad = bad_entries()
    path = archive(tmp_path / "mixed.zip", entries | bad)
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("upper_A/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("upper_A/empty.png", b"again")
        file.writestr("__MACOSX/upper_A/._1.png", b"resource fork")
        file.writestr("upper_A/.DS_Store", b"x")
        file.writestr("README.txt", b"about these")
    metrics = run(path).metrics()
    assert metrics["n"] == 940
    listed = [entry["name"] for entry in metrics["skipped"]]
    assert sorted(listed) == sorted([*bad, "upper_A/link.png", "upper_A/empty.png"])
    assert all(len(entry["reason"]) > 10 and "Traceback" not in entry["reason"] for entry in metrics["skipped"])


def test_a_table_that_is_wrong_in_places(tmp_path: Path):
    picture = png(glyphs(1)[0][0])
    table = "file_name,label\na.png,A\na.png,B\nmissing.png,C\nb.png\nc.png,\n"
    path = archive(tmp_path / "t.zip", {"a.png": picture, "b.png": picture, "c.png": picture, "labels.csv": table.encode()})
    metrics = run(path).metrics()
    assert metrics["n"] == 1
    reasons = {entry["name"]: entry["reason"] for entry in metrics["skipped"]}
    assert set(reasons) == {"b.png", "c.png", "labels.csv, row 3", "labels.csv, row 4", "labels.csv, row 5"}


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


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = archive(tmp_path / "a.zip", named(good(47)))
    monkeypatch.setattr(collections, "MAX_ENTRIES", 20)
    with pytest.raises(InputError, match="at most 20"):
        run(path)
    monkeypatch.setattr(collections, "MAX_ENTRIES", 1000)
    monkeypatch.setattr(collections, "MAX_UNPACKED_BYTES", 5000)
    with pytest.raises(InputError, match="unpacks to more"):
        run(path)


# --- reports ---


def test_cells_are_no_formulas(tmp_path: Path):
    picture = png(glyphs(1)[0][0])
    path = archive(tmp_path / "f.zip", {"=cmd()/A/x.png": picture, "+1/A/y.png": picture, "A/@z.png": picture})
    found = run(path)
    found.save_predictions(tmp_path / "p.csv")
    cells = [row["file"] for row in csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8"))]
    assert sorted(cells) == ["'+1/A/y.png", "'=cmd()/A/x.png", "A/@z.png"]


def test_names_are_text_in_the_report(tmp_path: Path):
    picture = png(glyphs(1)[0][3])
    path = archive(tmp_path / "<b>.zip", {"A/<script>alert(1)</script>.png": picture, "Z/<i>.png": picture, "Z/broken.png": b"<u>"})
    report.save_html(run(path), tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert "<i>.png" not in html
    assert not re.search(r'(src|href)="(?!data:)', html)


def test_the_command_writes_the_whole_report(folders: Path, tmp_path: Path, found: batch.Evaluation, capsys):
    assert cli.main(["evaluate", str(folders), "--report", str(tmp_path / "out"), "--against", "char-reference"]) == 0
    said = capsys.readouterr().out
    assert "Accuracy" in said
    assert "McNemar" in said
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "report.pdf", "predictions.csv", "metrics.json"}
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert metrics["accuracy"] == found.metrics()["accuracy"]
    assert (tmp_path / "out/report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("arguments", [["none.zip"], ["user"], ["a.zip", "--labels", "what"]])
def test_a_wrong_command_is_a_sentence(arguments: list[str], tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive(tmp_path / "a.zip", named(good(47)))
    assert cli.main(["evaluate", *arguments]) == 2
    assert capsys.readouterr().err.startswith("hwr: ")


# --- endpoint ---


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(shared_app(), verbose=False)


def test_the_endpoint_gives_what_the_code_gives(client: Client, folders: Path, found: batch.Evaluation):
    html, metrics, table = client.predict(archive=handle_file(folders), api_name="/evaluate")
    expected = found.metrics()
    for key in ("accuracy", "macro_f1", "n", "skipped", "per_class", "confusions"):
        assert metrics[key] == expected[key], key
    assert "<title>" in Path(html).read_text(encoding="utf-8")
    assert len(Path(table).read_text(encoding="utf-8").splitlines()) == 95
    other = client.predict(archive=handle_file(folders), model="char-reference", api_name="/evaluate")[1]
    assert other["model"] == "char-reference"


@pytest.mark.parametrize("options", [{}, {"dataset": "/etc"}, {"dataset": "hwr"}, {"dataset": "../x"}, {"dataset": "a/b", "model": "/etc"}])
def test_wrong_arguments_are_a_sentence(client: Client, options: dict[str, Any]):
    with pytest.raises(AppError, match=r"\w.{8,}\."):
        client.predict(**options, api_name="/evaluate")


# --- the page ---


@pytest.fixture
def tab(visit: Callable[..., Page]) -> Page:
    page = visit()
    page.get_by_role("tab", name="Evaluate", exact=True).click()
    expect(page.locator("#evaluate-go")).to_be_visible()
    return page


@needs_chromium
def test_a_zip_is_evaluated_and_the_report_opens_as_a_file(tab: Page, browser: Any, folders: Path, found: batch.Evaluation, tmp_path: Path):
    tab.locator("#evaluate-archive input[type=file]").set_input_files(folders)
    expect(tab.locator("#evaluate-archive")).to_contain_text("folders")
    tab.locator("#evaluate-go").click()
    expect(tab.locator("#evaluate-html")).to_be_enabled()
    expect(tab.locator("#evaluate-status")).to_contain_text("94 characters")
    expect(tab.locator("#evaluate-map img")).to_be_visible()
    with tab.expect_download() as download:
        tab.locator("#evaluate-html").click()
    download.value.save_as(tmp_path / "report.html")
    with tab.expect_download() as download:
        tab.locator("#evaluate-json").click()
    assert json.loads(Path(download.value.path()).read_text())["accuracy"] == found.metrics()["accuracy"]
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator("img[alt^='Confusion matrix, shares']")).to_be_visible()
    assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
    before = page.locator("#classes tbody tr").first.inner_text()
    page.locator("#classes th").nth(4).click()
    assert page.locator("#classes tbody tr").first.inner_text() != before
    assert problems == []
    page.close()


@needs_chromium
def test_a_result_fits_a_phone_and_an_evaluation_can_be_cancelled(visit: Callable[..., Page]):
    page = visit(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page.get_by_role("tab", name="Evaluate", exact=True).click()
    page.locator("#evaluate-ready input").click()
    page.get_by_role("option", name=re.compile("unfiltered")).click()
    page.locator("#evaluate-go").click()
    page.locator("#evaluate-stop").click()
    expect(page.locator("#evaluate-status")).to_contain_text("Cancelled")
    page.locator("#evaluate-go").click()
    expect(page.locator("#evaluate-html")).to_be_enabled(timeout=60_000)
    expect(page.locator("#evaluate-map img")).to_be_visible()
    expect(page.locator("#evaluate-classes")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


@needs_chromium
def test_a_ready_set_and_nothing_chosen(tab: Page):
    tab.locator("#evaluate-go").click()
    expect(tab.locator("#evaluate-status [role=alert]")).to_contain_text("nothing to evaluate")
    tab.locator("#evaluate-ready input").click()
    tab.get_by_role("option", name=re.compile("own strokes")).click()
    tab.locator("#evaluate-go").click()
    expect(tab.locator("#evaluate-html")).to_be_enabled(timeout=60_000)
    expect(tab.locator("#evaluate-status")).to_contain_text("Character error rate")
