"""Models in folders, in repositories and in the cache."""

import math
import socket
import threading
from pathlib import Path

import pytest
from hub_clients import LOAD, client
from hub_server import FakeHub
from small_networks import logits, network

from hwr.errors import ModelError, TimeUpError
from hwr.hub import finding
from hwr.hub.files import CONFIG_FILE
from hwr.hub.finding import fetch, load_or_shipped, split_revision
from hwr.system.deadline import Deadline


def test_a_folder_is_found_as_text_and_as_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert fetch(folder) == fetch(str(folder)) == folder
    assert fetch(folder.name).resolve() == fetch(f"./{folder.name}").resolve() == folder


@pytest.mark.parametrize(
    "spec", ["./foo", "/no/such/folder", "~/no/such", "foo", "a/b/c", "a//b", "../b", "a b/c", "\0", "x" * 10_000, "user/"]
)
def test_what_is_neither_folder_nor_repository_is_refused(spec: str) -> None:
    with pytest.raises(ModelError, match="neither a folder"):
        fetch(spec)


def test_a_missing_path_is_never_taken_for_a_repository() -> None:
    with pytest.raises(ModelError, match="neither a folder"):
        fetch(Path("user/repo"))


def test_a_file_is_not_a_model_folder(folder: Path) -> None:
    with pytest.raises(ModelError):
        fetch(folder / CONFIG_FILE)


def test_a_folder_has_no_revision(folder: Path) -> None:
    with pytest.raises(ModelError, match="revision"):
        fetch(folder, revision="main")


def test_shipped_weights_go_by_their_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = folder.parent / "elsewhere" / "hwr"
    monkeypatch.setattr(finding, "__file__", str(package / "hub" / "finding.py"))
    for place in (package.parent / "weights" / "shipped", package / "weights" / "shipped"):  # a clone; an installed package
        network().save_pretrained(place)
        assert fetch(None, default="shipped") == fetch("shipped") == place
    with pytest.raises(ModelError, match="missing"):
        fetch(None, default="never-shipped")


@pytest.mark.parametrize("repo", ["user/repo", "u.s-e_r/r.e-p_o", "repo"])
@pytest.mark.parametrize("revision", ["main", "0123abc", "refs/pr/1", "a@b", None])
def test_split_revision(repo: str, revision: str | None) -> None:
    spec = repo if revision is None else f"{repo}@{revision}"
    assert split_revision(spec) == (repo, revision)


def test_split_revision_leaves_folders_whole(tmp_path: Path) -> None:
    (tmp_path / "a@b").mkdir()
    assert split_revision(str(tmp_path / "a@b")) == (str(tmp_path / "a@b"), None)


@pytest.mark.parametrize("spec", ["@", "user/repo@", "@main"])
def test_split_revision_refuses_halves(spec: str) -> None:
    with pytest.raises(ModelError, match="revision"):
        split_revision(spec)


@pytest.mark.parametrize("spec", [None, "", "  ", "user/repo", "user/repo@v1", "user/repo@"])
def test_a_deployment_comes_up_in_any_case(spec: str | None) -> None:
    asked = []

    def load(repo: str | None, revision: str | None) -> tuple[str | None, str | None]:
        asked.append((repo, revision))
        if repo is not None:
            raise ModelError("That Hub is gone.")
        return repo, revision

    model, notice = load_or_shipped(load, spec)
    named = bool(spec and spec.strip())
    assert model == (None, None)
    assert asked[-1] == (None, None)
    assert (notice is not None) == named
    if named:
        assert str(spec) in notice


def test_a_deployment_gets_the_model_it_names() -> None:
    assert load_or_shipped(lambda *asked: asked, " user/repo@v1 ") == (("user/repo", "v1"), None)


def test_only_the_two_files_are_downloaded(hub: FakeHub, folder: Path) -> None:
    hub.add(
        "user/model", {path.name: path.read_bytes() for path in folder.iterdir()} | {"pytorch_model.bin": b"pickle", "big.zip": b"0" * 9999}
    )
    got = client(hub.env, "result = sorted(path.name for path in finding.fetch('user/model').iterdir())")
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


TIMED = """
started = monotonic()
try:
    folder = finding.fetch(*sys.argv[1:2])
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
            code = "finding.DOWNLOAD_SECONDS = 3\n" + TIMED
            patience = 7
        answer, seconds = client(environment, code, "user/model")
    assert "can't be reached" in answer
    assert "user/model" in answer
    assert seconds < patience + 6, "the client alone would try for a minute"


def test_a_configuration_that_is_too_large_is_not_fetched(hub: FakeHub) -> None:
    hub.add("user/large", {CONFIG_FILE: b"{" + b" " * finding.MAX_CONFIG_BYTES + b"}", "model.safetensors": b"x"})
    said, cached = client(
        hub.env,
        """
        try:
            finding.fetch("user/large")
        except ModelError as error:
            said = str(error)
        from huggingface_hub import constants
        result = [said, [path.stat().st_size for path in Path(constants.HF_HUB_CACHE).rglob("*") if path.is_file()]]
        """,
    )
    assert "too large for a configuration" in said
    assert sum(cached) < 1000


def test_work_that_was_given_up_hears_of_it_and_ends() -> None:
    ended = threading.Event()

    def download(given_up: threading.Event) -> None:
        bar = finding._ending(given_up)(total=10**9, disable=True)
        try:
            while True:
                bar.update(1)
        except TimeoutError:
            ended.set()

    with pytest.raises(TimeoutError):
        finding._within(0.05, download)
    assert ended.wait(60)
    ended.clear()
    limit = Deadline(math.inf)
    limit.stop()
    with limit, pytest.raises(TimeUpError):
        finding._within(600, download)
    assert ended.wait(60)


def test_an_error_of_the_work_is_the_callers() -> None:
    def work(_: threading.Event) -> None:
        raise TimeoutError("of the network")

    with pytest.raises(TimeoutError, match="of the network"):
        finding._within(600, work)
    assert finding._within(600, lambda _: 5) == 5
