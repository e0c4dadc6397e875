"""A release goes to the Hub whole, once, and from where it was interrupted."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hub_clients import client
from hub_server import FakeHub

ROOT = Path(__file__).resolve().parents[3]
PUBLISH = """
from hwr.hub.publishing.push import publish
told, options = [], json.loads(sys.argv[2])
most = options.pop("most", 99)
def tell(line):
    told.append(line)
    if len(told) > most:
        raise KeyboardInterrupt
try:
    publish(Path(sys.argv[1]), options.pop("namespace", "user"), tell=tell, **options)
except (ModelError, KeyboardInterrupt) as error:
    told.append(f"{type(error).__name__}: {error}")
result = told
"""
REPOS = [("models", "user/hwr-char-best"), ("models", "user/hwr-char-small"), ("models", "user/hwr-language-model"), ("spaces", "user/hwr")]


def published(hub: FakeHub, root: Path, **options: Any) -> list[str]:
    return client(hub.env, PUBLISH, str(root), json.dumps(options))


def files(hub: FakeHub, kind: str, repo_id: str) -> dict[str, bytes]:
    repo = hub.repos[kind, repo_id]
    return {path: file.data for path, file in repo.trees[repo.branches["main"]].items()}


def heads(hub: FakeHub) -> dict[tuple[str, str], str]:
    return {key: repo.branches["main"] for key, repo in hub.repos.items()}


def test_everything_is_there_and_a_second_run_changes_nothing(hub: FakeHub, clone: Path, data_set: Path) -> None:
    told = published(hub, clone, datasets=[str(data_set)])
    assert sorted(hub.repos) == sorted([*REPOS, ("datasets", "user/letters")]), told
    assert set(files(hub, "models", "user/hwr-char-best")) == {
        ".gitattributes",
        "README.md",
        "config.json",
        "figure.png",
        "metrics.json",
        "model.onnx",
        "model.safetensors",
    }
    assert files(hub, "models", "user/hwr-language-model")["en/ngrams.npz"] == b"model"
    assert files(hub, "datasets", "user/letters")["train.parquet"] == b"PAR1"
    (collection,) = hub.collections.values()
    assert {item["id"] for item in collection["items"]} == {name for _, name in hub.repos}

    before, wrote = heads(hub), json.dumps(hub.collections)
    count = len(hub.requests)
    again = published(hub, clone, datasets=[str(data_set)])
    assert heads(hub) == before
    assert json.dumps(hub.collections) == wrote
    assert {method for method, _ in hub.requests[count:]} == {"GET"}
    assert all("as it is" in line for line in again[:-1])


def test_the_space_names_the_commits_of_its_models(hub: FakeHub, clone: Path) -> None:
    published(hub, clone)
    space, now = files(hub, "spaces", "user/hwr"), heads(hub)
    pins = json.loads(space["weights/pinned.json"])
    assert pins == {
        name: {"repo": f"user/hwr-{name}", "revision": now["models", f"user/hwr-{name}"]} for name in ("char-best", "char-small")
    }
    front = yaml.safe_load(space["README.md"].decode().split("---\n")[1])
    assert front["preload_from_hub"] == [
        f"user/hwr-char-best config.json,model.safetensors,model.onnx {pins['char-best']['revision']}",
        f"user/hwr-char-small config.json,model.safetensors {pins['char-small']['revision']}",
    ]
    assert front["title"] == "hwr"
    assert "torch>=2.8,<2.12\n" in space["requirements.txt"].decode()
    assert not [path for path in space if path.endswith((".pyc", ".pt", ".safetensors", ".onnx"))]
    assert {"app.py", "hwr/__init__.py", "weights/char-best/README.md", "weights/language-model/en/ngrams.npz"} <= space.keys()


def test_only_what_changed_is_sent(hub: FakeHub, clone: Path) -> None:
    published(hub, clone)
    before = heads(hub)
    (clone / "weights/char-best/figure.png").unlink()
    (clone / "weights/char-best/new.svg").write_text("<svg/>")
    told = published(hub, clone)
    changed = {key for key, head in heads(hub).items() if before[key] != head}
    assert changed == {("models", "user/hwr-char-best"), ("spaces", "user/hwr")}, "and the Space has the new commit"
    assert "figure.png" not in files(hub, "models", "user/hwr-char-best")
    assert any("update, 1 of 6 files" in line and "1 to remove" in line for line in told)


def test_a_dry_run_tells_and_does_nothing(hub: FakeHub, clone: Path) -> None:
    told = published(hub, clone, dry_run=True)
    assert not hub.repos
    assert not hub.collections
    assert {method for method, _ in hub.requests} == {"GET"}
    assert sum("new" in line for line in told) == len(REPOS)
    assert all("B" in line for line in told if "new" in line), "sizes are said"
    assert "would be sent" in told[-1]
    count = len(published(hub, clone))
    assert count == len(told), "the same lines as when it is done"


@pytest.mark.parametrize("most", [1, 4])
def test_interrupted_it_goes_on(hub: FakeHub, clone: Path, most: int) -> None:
    assert published(hub, clone, most=most)[-1].startswith("KeyboardInterrupt")
    assert len(hub.repos) == min(most, len(REPOS))
    before = heads(hub)
    published(hub, clone)
    now = heads(hub)
    assert sorted(now) == sorted(REPOS)
    assert before.items() <= now.items(), "what was there was not sent again"
    assert all(len(repo.titles) == 2 for repo in hub.repos.values()), "the Hub's first commit, and ours"
    assert len(next(iter(hub.collections.values()))["items"]) == len(REPOS)


def test_killed_while_it_sends_it_goes_on(hub: FakeHub, clone: Path) -> None:
    hub.holds_uploads.clear()
    code = "import sys; from pathlib import Path; from hwr.hub.publishing.push import publish; publish(Path(sys.argv[1]), 'user')"
    process = subprocess.Popen([sys.executable, "-c", code, str(clone)], env=hub.env | {"PYTHONPATH": str(ROOT)})
    while process.poll() is None and not any(method == "PUT" for method, _ in hub.requests):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=60)
    hub.holds_uploads.set()
    assert process.returncode == -signal.SIGKILL
    assert set(files(hub, "models", "user/hwr-char-best")) == {".gitattributes"}, "nothing is half there"
    published(hub, clone)
    assert sorted(hub.repos) == sorted(REPOS)
    assert all(len(repo.titles) == 2 for repo in hub.repos.values())


def test_what_the_hub_refuses_is_said_in_a_sentence(hub: FakeHub, clone: Path) -> None:
    assert "log in" in published(hub, clone, namespace="somebody")[-1]
    assert "Free accounts" in published(hub, clone, hardware="cpu-basic")[-1]
    hub.down = True
    assert "can't be reached" in published(hub, clone)[-1]
    hub.down = False
    assert published(hub, clone)[-1].endswith("were sent.")


def test_nothing_is_sent_if_one_card_claims_too_much(hub: FakeHub, clone: Path) -> None:
    card = clone / "weights/char-small/README.md"
    card.write_text(card.read_text().replace("0.8765", "0.9765"))
    assert "'0.9765'" in published(hub, clone)[-1]
    assert not hub.requests
