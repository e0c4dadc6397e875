"""Loading strictly, finding and pushing models, cards. The Hub's clients run in fresh processes, as ``HF_ENDPOINT`` is read at import."""

import contextlib
import json
import pickle
import resource
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hub_server import FakeHub, card_errors
from huggingface_hub import ModelCard
from safetensors.torch import load_file, save_file
from torch import nn

from hwr import cards
from hwr import hub as hwr_hub
from hwr.errors import ModelError
from hwr.models.char_lstm import CharLSTM

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = (
    {"classes": "ab12", "hidden_size": 8, "num_layers": 1},
    {"classes": "ab12", "hidden_size": 4, "bidirectional": True, "scan": "rows+columns", "pooling": "mean", "stem_channels": [3, 2]},
)


class Trusting(nn.Module, hwr_hub.StrictHubMixin):
    """A network that checks nothing of its configuration."""

    def __init__(self, *, width: int = 3, depth: int = 1) -> None:
        super().__init__()
        self.layer = nn.Linear(width, width)
        self.depth = depth


def network(seed: int = 0, **config: Any) -> CharLSTM:
    torch.manual_seed(seed)
    return CharLSTM(**(config or CONFIGS[0])).eval()


def logits(model: CharLSTM) -> list[list[float]]:
    with torch.inference_mode():
        return model(torch.linspace(0, 1, 2 * 28 * 28).view(2, 28, 28)).tolist()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    network().save_pretrained(tmp_path / "model")
    return tmp_path / "model"


# --- loading ---


@pytest.mark.parametrize("config", CONFIGS)
def test_a_saved_network_comes_back(tmp_path: Path, config: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    saved = network(**config)
    saved.save_pretrained(tmp_path)
    torch.manual_seed(5)
    expected_draw = torch.rand(3)
    torch.manual_seed(5)
    loaded = CharLSTM.from_pretrained(tmp_path)
    assert torch.equal(torch.rand(3), expected_draw), "loading must not disturb the caller's random numbers"
    assert logits(loaded) == logits(saved)
    assert not loaded.training
    assert capsys.readouterr().out == ""
    loaded.save_pretrained(tmp_path / "again")
    for name in (hwr_hub.CONFIG_FILE, hwr_hub.WEIGHTS_FILE):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_saving_leaves_an_existing_card_alone(folder: Path) -> None:
    (folder / hwr_hub.CARD_FILE).write_text("ours")
    network(1).save_pretrained(folder)
    assert (folder / hwr_hub.CARD_FILE).read_text() == "ours"


def altered(**changes: Any) -> str:
    return json.dumps(CONFIGS[0] | changes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"hidden_size"',
        "{",
        altered() + altered(),
        "[" * 100_000,
        "\ud800",
        '{"hidden_size": 8, "hidden_size": 8}',
        altered(unknown=1),
        altered(self=1),
        altered(config={}),
        altered(temperature=float("nan")),
        altered(temperature=float("inf")),
        altered().replace("8", "1e999"),
        altered().replace("8", "9" * 5000),
        altered(hidden_size=10**9),
        altered(hidden_size=0),
        altered(hidden_size=-8),
        altered(hidden_size="8"),
        altered(hidden_size=8.0),
        altered(hidden_size=True),
        altered(hidden_size=[8]),
        altered(num_layers=10**9),
        altered(classes="a" * 10**7),
        altered(classes=["a"]),
        altered(classes="abc"),
        altered(stem_channels=[10**9]),
        altered(bidirectional=True),
        altered(stem_channels={}),
        altered(scan={}),
    ],
    ids=lambda text: text[:50] or "empty",
)
def test_a_hostile_config_is_refused(folder: Path, text: str) -> None:
    (folder / hwr_hub.CONFIG_FILE).write_text(text, encoding="utf-8", errors="surrogatepass")
    with bounded_memory(), pytest.raises(ModelError, match=r"config\.json"):
        CharLSTM.from_pretrained(folder)


@pytest.mark.parametrize("width", [4, 30_000, 10**9, 10**18, 10**30, -1, 1.5, "3", None])
def test_the_header_is_compared_before_anything_is_allocated(tmp_path: Path, width: Any) -> None:
    Trusting().save_pretrained(tmp_path)
    (tmp_path / hwr_hub.CONFIG_FILE).write_text(json.dumps({"width": width}))
    with bounded_memory(), pytest.raises(ModelError, match=r"config\.json"):
        Trusting.from_pretrained(tmp_path)


@contextlib.contextmanager
def bounded_memory(megabytes: int = 150) -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < megabytes


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + data


def weights_of_other_shape(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    name = next(iter(tensors))
    return tensors | {name: torch.zeros(*tensors[name].shape, 2)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        b"\xff" * 8,
        b"\xff" * 1000,
        pickle.dumps({"a": 1}),
        header({}),
        header({"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4 * 10**12]}}),
        header({"a": {"dtype": "F32", "shape": [10**30], "data_offsets": [0, 8]}}, b"\0" * 8),
        header({"a": {"dtype": "Q7", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 4),
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    ],
    ids=map(str, range(10)),
)
def test_a_file_that_is_no_model_is_refused(folder: Path, content: bytes) -> None:
    (folder / hwr_hub.WEIGHTS_FILE).write_bytes(content)
    with bounded_memory(), pytest.raises(ModelError, match=r"model\.safetensors"):
        CharLSTM.from_pretrained(folder)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated_weights_are_refused(folder: Path, share: float) -> None:
    path = folder / hwr_hub.WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        CharLSTM.from_pretrained(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: dict(list(t.items())[1:]), "lacks"),
        (lambda t: t | {"stranger": torch.zeros(2)}, "stranger"),
        (lambda t: {name + ".x": value for name, value in t.items()}, "lacks"),
        (weights_of_other_shape, "shape"),
        (lambda t: {name: value.double() for name, value in t.items()}, "float64"),
        (lambda t: {name: value.half() for name, value in t.items()}, "float16"),
        (lambda t: {name: torch.full_like(value, float("nan")) for name, value in t.items()}, "NaN"),
        (lambda t: t | {"output.bias": torch.tensor([0, 0, 0, float("-inf")])}, "output.bias"),
    ],
)
def test_weights_that_do_not_fit_are_refused(folder: Path, change: Any, said: str) -> None:
    path = folder / hwr_hub.WEIGHTS_FILE
    save_file(change(load_file(path)), path)
    with pytest.raises(ModelError, match=said):
        CharLSTM.from_pretrained(folder)


def test_a_pickle_is_no_substitute(folder: Path) -> None:
    torch.save(network().state_dict(), folder / "pytorch_model.bin")
    (folder / hwr_hub.WEIGHTS_FILE).unlink()
    with pytest.raises(ModelError, match=r"no model\.safetensors"):
        CharLSTM.from_pretrained(folder)


# --- finding ---


def test_a_folder_is_found_as_text_and_as_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert hwr_hub.fetch(folder) == hwr_hub.fetch(str(folder)) == folder
    assert hwr_hub.fetch(folder.name).resolve() == hwr_hub.fetch(f"./{folder.name}").resolve() == folder


@pytest.mark.parametrize(
    "spec", ["./foo", "/no/such/folder", "~/no/such", "foo", "a/b/c", "a//b", "../b", "a b/c", "\0", "x" * 10_000, "user/"]
)
def test_what_is_neither_folder_nor_repository_is_refused(spec: str) -> None:
    with pytest.raises(ModelError, match="neither a folder"):
        hwr_hub.fetch(spec)


def test_a_missing_path_is_never_taken_for_a_repository() -> None:
    with pytest.raises(ModelError, match="neither a folder"):
        hwr_hub.fetch(Path("user/repo"))


def test_a_file_is_not_a_model_folder(folder: Path) -> None:
    with pytest.raises(ModelError):
        hwr_hub.fetch(folder / hwr_hub.CONFIG_FILE)


def test_a_folder_has_no_revision(folder: Path) -> None:
    with pytest.raises(ModelError, match="revision"):
        hwr_hub.fetch(folder, revision="main")


def test_shipped_weights_go_by_their_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = folder.parent / "elsewhere" / "hwr"
    monkeypatch.setattr(hwr_hub, "__file__", str(package / "hub.py"))
    for place in (package.parent / "weights" / "shipped", package / "weights" / "shipped"):  # a clone; an installed package
        network().save_pretrained(place)
        assert hwr_hub.fetch(None, default="shipped") == hwr_hub.fetch("shipped") == place
    with pytest.raises(ModelError, match="missing"):
        hwr_hub.fetch(None, default="never-shipped")


@pytest.mark.parametrize("repo", ["user/repo", "u.s-e_r/r.e-p_o", "repo"])
@pytest.mark.parametrize("revision", ["main", "0123abc", "refs/pr/1", "a@b", None])
def test_split_revision(repo: str, revision: str | None) -> None:
    spec = repo if revision is None else f"{repo}@{revision}"
    assert hwr_hub.split_revision(spec) == (repo, revision)


def test_split_revision_leaves_folders_whole(tmp_path: Path) -> None:
    (tmp_path / "a@b").mkdir()
    assert hwr_hub.split_revision(str(tmp_path / "a@b")) == (str(tmp_path / "a@b"), None)


@pytest.mark.parametrize("spec", ["@", "user/repo@", "@main"])
def test_split_revision_refuses_halves(spec: str) -> None:
    with pytest.raises(ModelError, match="revision"):
        hwr_hub.split_revision(spec)


@pytest.mark.parametrize("spec", [None, "", "  ", "user/repo", "user/repo@v1", "user/repo@"])
def test_a_deployment_comes_up_in_any_case(spec: str | None) -> None:
    asked = []

    def load(repo: str | None, revision: str | None) -> tuple[str | None, str | None]:
        asked.append((repo, revision))
        if repo is not None:
            raise ModelError("That Hub is gone.")
        return repo, revision

    model, notice = hwr_hub.load_or_shipped(load, spec)
    named = bool(spec and spec.strip())
    assert model == (None, None)
    assert asked[-1] == (None, None)
    assert (notice is not None) == named
    if named:
        assert str(spec) in notice


def test_a_deployment_gets_the_model_it_names() -> None:
    assert hwr_hub.load_or_shipped(lambda *asked: asked, " user/repo@v1 ") == (("user/repo", "v1"), None)


# --- the Hub ---


def client(hub_env: dict[str, str], code: str, *arguments: str) -> Any:
    """What ``code`` leaves in ``result``, run by a fresh interpreter."""
    prelude = (
        "import json, sys\nfrom pathlib import Path\nfrom time import monotonic\nfrom hwr import hub\nfrom hwr.errors import ModelError\n"
    )
    script = prelude + textwrap.dedent(code) + "\nprint(json.dumps(result), file=sys.__stdout__)"
    environment = hub_env | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1, f"printed besides the result: {done.stdout}"
    return json.loads(done.stdout)


LOAD = """
from hwr.models.char_lstm import CharLSTM
from test_hub import logits
result = [logits(CharLSTM.from_pretrained(repo, revision=revision or None)) for repo, revision in map(str.split, sys.argv[1:], ["@"] * 9)]
"""
READER = """
from hwr import CharRecognizer
from test_hub import logits
result = logits(CharRecognizer.from_pretrained(sys.argv[1], revision=sys.argv[2]).network)
"""
PUSH = "commit = hub.push(Path(sys.argv[1]), sys.argv[2]); result = [commit, commit.oid]"


def add_card(folder: Path) -> None:
    (folder / hwr_hub.CARD_FILE).write_text("---\nlicense: apache-2.0\n---\n# A model\n")


def test_what_is_pushed_comes_back_in_a_fresh_process(hub: FakeHub, folder: Path) -> None:
    add_card(folder)
    (folder / "metrics.json").write_text("{}")
    (folder / "figures").mkdir()
    (folder / "figures" / "curve.png").write_bytes(b"picture")
    (folder / "checkpoint.pt").write_bytes(b"not for others")
    old = logits(network())
    url, first = client(hub.env, PUSH, str(folder), "user/model")
    assert first in url
    assert set(hub.repos["models", "user/model"].trees[first]) == {
        ".gitattributes",
        "README.md",
        "config.json",
        "figures/curve.png",
        "metrics.json",
        "model.safetensors",
    }

    network(1).save_pretrained(folder)
    new = logits(network(1))
    _, second = client(hub.env, PUSH, str(folder), "user/model")
    _, third = client(hub.env, PUSH, str(folder), "user/model")
    assert second == third, "nothing changed, so nothing is to be committed"
    hub.repos["models", "user/model"].tags["v1"] = first
    wanted = ["user/model@", f"user/model@{first}", f"user/model@{first[:8]}", "user/model@v1", "user/model@main", f"user/model@{second}"]
    assert client(hub.env, LOAD, *wanted) == [new, old, old, old, new, new]
    assert client(hub.env, READER, "user/model", "v1") == old


def test_only_the_two_files_are_downloaded(hub: FakeHub, folder: Path) -> None:
    hub.add(
        "user/model", {path.name: path.read_bytes() for path in folder.iterdir()} | {"pytorch_model.bin": b"pickle", "big.zip": b"0" * 9999}
    )
    got = client(hub.env, "result = sorted(path.name for path in hub.fetch('user/model').iterdir())")
    assert got == ["config.json", "model.safetensors"]


def test_both_files_are_of_one_commit_while_a_branch_moves(hub: FakeHub, folder: Path) -> None:
    wide = folder.parent / "wide"
    network(classes="abcdef", hidden_size=5).save_pretrained(wide)
    hub.add("user/model", {path.name: path.read_bytes() for path in folder.iterdir()})
    original, moved = hub.repos["models", "user/model"].resolve, []

    def resolve(revision: str) -> str:
        if hub.requests[-1][1].endswith("model.safetensors") and not moved:  # so the configuration is downloaded already
            moved.append(hub.add("user/model", {path.name: path.read_bytes() for path in wide.iterdir()}))
        return original(revision)

    hub.repos["models", "user/model"].resolve = resolve
    assert client(hub.env, LOAD, "user/model@") == [logits(network())]
    assert moved


def test_what_the_hub_refuses_is_said_in_a_sentence(hub: FakeHub, folder: Path) -> None:
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    hub.add("user/model", whole)
    hub.add("user/secret", whole, private=True)
    hub.add("user/empty", {})
    hub.add("user/weightless", {"config.json": whole["config.json"]})
    hub.add("user/broken", whole | {"model.safetensors": whole["model.safetensors"][:-5]})
    code = """
    from hwr.models.char_lstm import CharLSTM
    result = {}
    for spec in ("user/nothing", "user/secret", "user/empty", "user/weightless", "user/broken", "user/model@nowhere"):
        try:
            CharLSTM.from_pretrained(*hub.split_revision(spec)[:1], revision=hub.split_revision(spec)[1])
        except ModelError as error:
            result[spec] = str(error)
    """
    owner = hub.env
    stranger = {name: value for name, value in owner.items() if name != "HF_TOKEN"}
    anyway = {"user/nothing", "user/empty", "user/weightless", "user/broken", "user/model@nowhere"}
    said_to_owner = client(owner, code)
    assert said_to_owner.keys() == anyway
    said_to_stranger = client(stranger, code)
    assert said_to_stranger.keys() == anyway | {"user/secret"}
    assert "log in" in said_to_stranger["user/secret"].replace("logged", "log")
    for said in (said_to_owner, said_to_stranger):
        assert all("\n" not in sentence and spec.split("@")[0].split("/")[1] in sentence for spec, sentence in said.items())
        assert "config.json" in said["user/empty"]
        assert "model.safetensors" in said["user/weightless"]
        assert "model.safetensors" in said["user/broken"]
        assert "nowhere" in said["user/model@nowhere"]
    expired = client(owner | {"HF_TOKEN": "hf_expired"}, code)
    assert expired.keys() > anyway
    assert all("token" in sentence for sentence in expired.values())


@pytest.mark.parametrize("lost", [hwr_hub.CARD_FILE, hwr_hub.CONFIG_FILE, hwr_hub.WEIGHTS_FILE])
def test_half_a_model_is_not_pushed(folder: Path, lost: str) -> None:
    add_card(folder)
    (folder / lost).unlink()
    with pytest.raises(ModelError, match=lost):
        hwr_hub.push(folder, "user/model")


def test_pushing_without_the_right_is_said_in_a_sentence(hub: FakeHub, folder: Path) -> None:
    add_card(folder)
    code = """
    result = []
    for repo in ("user/model", "somebody/model", "not a repository"):
        try:
            result.append(hub.push(Path(sys.argv[1]), repo))
        except ModelError as error:
            result.append(str(error))
    """
    anonymous, theirs, malformed = client({name: value for name, value in hub.env.items() if name != "HF_TOKEN"}, code, str(folder))
    assert "log in" in anonymous
    assert "log in" in theirs
    assert "not a repository" in malformed
    (folder / hwr_hub.CARD_FILE).write_text("---\ntags: {a: 1}\n---\n")
    rejected, theirs, _ = client(hub.env, code, str(folder))
    assert "tags" in rejected
    assert "somebody/model" in theirs
    assert all(not repo.trees[repo.branches["main"]].keys() & {"model.safetensors"} for repo in hub.repos.values())


TIMED = """
started = monotonic()
try:
    folder = hub.fetch(*sys.argv[1:2])
    result = [str(folder), monotonic() - started]
except ModelError as error:
    result = [str(error), monotonic() - started]
"""


def test_a_cached_model_outlives_its_hub(hub: FakeHub, folder: Path) -> None:
    commit = hub.add("user/model", {path.name: path.read_bytes() for path in folder.iterdir()})
    assert client(hub.env, LOAD, "user/model@") == [logits(network())]
    hub.down = True
    assert client(hub.env, LOAD, "user/model@") == [logits(network())]
    hub.stop()
    assert client(hub.env, LOAD, "user/model@", "user/model@main", f"user/model@{commit}") == [logits(network())] * 3
    assert client(hub.env | {"HF_HUB_OFFLINE": "1"}, LOAD, "user/model@") == [logits(network())]


def test_a_commit_in_the_cache_needs_no_hub(hub: FakeHub, folder: Path) -> None:
    commit = hub.add("user/model", {path.name: path.read_bytes() for path in folder.iterdir()})
    client(hub.env, LOAD, f"user/model@{commit}")
    hub.requests.clear()
    client(hub.env, LOAD, f"user/model@{commit}")
    assert hub.requests == []


@pytest.mark.parametrize("fault", ["down", "refuses", "silent", "no such host", "offline", "silent storage"])
def test_a_hub_out_of_reach_costs_seconds(hub: FakeHub, folder: Path, fault: str) -> None:
    hub.add("user/model", {path.name: path.read_bytes() for path in folder.iterdir()})
    environment, code, patience = hub.env, TIMED, 4
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(5)
        silent = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        if fault == "down":
            hub.down = True
        elif fault == "refuses":
            hub.stop()
        elif fault == "silent":
            environment = environment | {"HF_ENDPOINT": silent}
        elif fault == "no such host":
            environment = environment | {"HF_ENDPOINT": "http://hub.invalid"}
        elif fault == "offline":
            environment = environment | {"HF_HUB_OFFLINE": "1"}
        else:
            hub.storage_url = silent
            code = "hub.DOWNLOAD_SECONDS = 3\n" + TIMED
            patience = 7
        answer, seconds = client(environment, code, "user/model")
    assert "can't be reached" in answer
    assert "user/model" in answer
    assert seconds < patience + 6, "the client alone would try for a minute"


# --- cards ---


def measured(folder: Path, *names: str, classes: str = "ab12") -> dict[str, Any]:
    rows = [{"char": char, "n": 10, "precision": 0.5, "recall": 0.25, "f1": 0.3333} for char in classes]
    pairs = [{"truth": a, "read_as": b, "count": 3, "share": 0.3} for a, b in pairwise(classes)]
    result = {"split": "test", "n": 40, "accuracy": 0.87654321, "macro_f1": 0.8, "ece": 0.01, "per_class": rows, "confusions": pairs}
    return {
        "model": "CharLSTM",
        "name": "a-model",
        "parameters": 1234,
        "command": "python train.py char --some 'options'",
        "date": "2020-02-02",
        "weights_sha256": sha256((folder / hwr_hub.WEIGHTS_FILE).read_bytes()).hexdigest(),
        "results": [result | {"dataset": name} | ({"top3_accuracy": 0.99} if name == names[-1] else {}) for name in names],
    }


def card_text(**changes: Any) -> cards.CardText:
    blocks = ("title", "description", "intended_use", "usage", "training", "limitations")
    return cards.CardText(**({block: f"The {block}: {{{{ 7 * 6 }}}} {{% x %}} <b>" for block in blocks} | changes))


@pytest.mark.parametrize("names", [("Scans, 400 a class",), ("Scans", "Drawings"), ("Same", "Same"), ("A|B", "ä: ö # - [x]")])
def test_a_card_says_what_was_measured(folder: Path, names: tuple[str, ...]) -> None:
    metrics = measured(folder, *names)
    (folder / hwr_hub.METRICS_FILE).write_text(json.dumps(metrics))
    (folder / "confusion.png").write_bytes(b"picture")
    text = card_text(data=("emnist", "unipen"), figures=[("confusion.png", "Confusions")], datasets=["user/data"])
    path = cards.write_card(folder, text)
    card = ModelCard.load(path)
    assert card_errors(path.read_text(encoding="utf-8"), "model") == []
    assert card.data.license == "apache-2.0"
    assert card.data.datasets == ["user/data"]
    assert card.data.model_name == metrics["name"]
    found = sorted((result.dataset_name, result.metric_name, result.metric_value) for result in card.data.eval_results)
    expected = sorted(
        (result["dataset"], cards.METRICS[key][1], round(result[key], 6))
        for result in metrics["results"]
        for key in cards.METRICS
        if key in result
    )
    if len(set(names)) == len(names):
        assert found == expected
    assert len(found) == len(expected)
    for block in (
        text.title,
        text.description,
        text.intended_use,
        text.usage,
        text.training,
        text.limitations,
        *cards.DATA_SOURCES.values(),
    ):
        assert block in card.text, "blocks are quoted, not interpreted"
    for said in (metrics["command"], "1,234", "confusion.png", "10.5281/zenodo.1195803", "10.1109/ICPR.1994.576870", "1702.05373"):
        assert said in card.text


def test_any_class_fits_in_the_tables(folder: Path) -> None:
    classes = "".join(map(chr, range(33, 127)))
    (folder / hwr_hub.METRICS_FILE).write_text(json.dumps(measured(folder, "Scans", classes=classes)))
    text = cards.write_card(folder, card_text()).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| <code>")]
    assert len(rows) == len(classes)
    assert {row.count("|") for row in rows} == {6}


def test_a_pushed_card_is_read_back(hub: FakeHub, folder: Path) -> None:
    (folder / "metrics.json").write_text(json.dumps(measured(folder, "Scans")))
    cards.write_card(folder, card_text())
    client(hub.env, PUSH, str(folder), "user/model")
    values = client(
        hub.env,
        "from huggingface_hub import ModelCard\n"
        "result = sorted(found.metric_value for found in ModelCard.load('user/model').data.eval_results)",
    )
    assert values == sorted(result.metric_value for result in ModelCard.load(folder / "README.md").data.eval_results)


def test_a_card_of_other_weights_is_refused(folder: Path) -> None:
    (folder / hwr_hub.METRICS_FILE).write_text(json.dumps(measured(folder, "Scans")))
    network(1).save_pretrained(folder)
    with pytest.raises(ModelError, match="weights_sha256"):
        cards.write_card(folder, card_text())


def test_a_card_with_a_lost_figure_is_refused(folder: Path) -> None:
    (folder / hwr_hub.METRICS_FILE).write_text(json.dumps(measured(folder, "Scans")))
    with pytest.raises(ModelError, match=r"lost\.png"):
        cards.write_card(folder, card_text(figures=[("lost.png", "Lost")]))


@pytest.mark.parametrize("key", ["name", "parameters", "weights_sha256", "results"])
@pytest.mark.parametrize("value", [None, "absent", [], {}, [1], float("nan")])
def test_malformed_metrics_are_refused(folder: Path, key: str, value: Any) -> None:
    metrics = measured(folder, "Scans") | {key: value}
    if value == "absent":
        del metrics[key]
    (folder / hwr_hub.METRICS_FILE).write_text(json.dumps(metrics))
    with pytest.raises(ModelError, match=r"metrics\.json"):
        cards.write_card(folder, card_text())


# --- the server that the tests above trust ---


def test_a_data_set_makes_the_round_trip(hub: FakeHub) -> None:
    code = """
    import io, contextlib
    import numpy as np
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Image, load_dataset
    features = Features({"image": Image(), "label": ClassLabel(names=["a", "b"])})
    pictures = np.random.default_rng(0).integers(0, 256, (6, 28, 28), dtype=np.uint8)
    part = Dataset.from_dict({"image": list(pictures), "label": [0, 1] * 3}, features=features)
    DatasetDict(train=part, test=part.select([5, 4])).push_to_hub("user/data", private=True)
    back = load_dataset("user/data")
    result = [
        back["train"].features["label"].names,
        back["train"]["label"],
        all(np.array_equal(np.array(row["image"]), picture) for row, picture in zip(back["train"], pictures)),
        [np.array_equal(np.array(back["test"][0]["image"]), pictures[5]), back["test"].num_rows],
    ]
    result[1] = list(result[1])
    """
    assert client(hub.env, code) == [["a", "b"], [0, 1] * 3, True, [True, 2]]
