"""What is left of a model where the Hub, or a process of ours, goes away in the middle of it."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app_server import ROOT
from hub_clients import PUSH, client
from hub_server import FakeHub
from small_networks import network

from hwr.hub.files import CARD_FILE, WEIGHTS_FILE

LOADED = """
finding.DOWNLOAD_SECONDS = 10
try:
    from hwr.models.char_lstm import CharLSTM
    result = len(CharLSTM.from_pretrained("user/model").classes)
except ModelError as error:
    result = str(error)
"""


def share(hub: FakeHub, folder: Path) -> int:
    """Put a model on the Hub; how many classes it has."""
    hub.add("user/model", {path.name: path.read_bytes() for path in folder.iterdir()})
    return len(network().classes)


def test_half_a_download_is_never_a_model(hub: FakeHub, folder: Path) -> None:
    classes = share(hub, folder)
    hub.gives_out_after = 1000
    said = client(hub.env, LOADED)
    assert "can't be reached" in said
    assert "user/model" in said
    hub.down = True
    assert "There is no copy of it in the cache" in client(hub.env, LOADED)
    hub.down, hub.gives_out_after = False, None
    assert client(hub.env, LOADED) == classes


def test_a_page_has_a_model_when_the_hub_is_down_at_its_start(hub: FakeHub) -> None:
    hub.down = True
    code = """
    from hwr import CharRecognizer
    model, notice = finding.load_or_shipped(lambda path, revision: CharRecognizer.from_pretrained(path, revision=revision), "user/model")
    result = [model.source, notice]
    """
    source, notice = client(hub.env, code)
    assert source == "char-best"
    assert "user/model could not be loaded, so the shipped weights are used" in notice


def test_two_processes_that_start_on_one_cache_both_have_the_model(hub: FakeHub, folder: Path) -> None:
    classes = share(hub, folder)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: client(hub.env, LOADED), range(2))) == [classes, classes]


def test_kill_minus_nine_while_publishing_leaves_no_half_model(hub: FakeHub, folder: Path) -> None:
    (folder / CARD_FILE).write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    client(hub.env, PUSH, str(folder), "user/model")
    before = dict(hub.repos["models", "user/model"].branches)
    network(1).save_pretrained(folder)
    hub.holds_uploads.clear()
    hub.requests.clear()
    code = "import sys; from pathlib import Path; from hwr.hub.pushing import push; push(Path(sys.argv[1]), 'user/model')"
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], env=hub.env | {"PYTHONPATH": str(ROOT)})
    while process.poll() is None and not any(method == "PUT" for method, _ in hub.requests):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=60)
    hub.holds_uploads.set()
    assert process.returncode == -signal.SIGKILL
    assert hub.repos["models", "user/model"].branches == before
    _, commit = client(hub.env, PUSH, str(folder), "user/model")
    assert hub.repos["models", "user/model"].trees[commit][WEIGHTS_FILE].data == (folder / WEIGHTS_FILE).read_bytes()


def test_a_strangers_model_is_named_as_it_was_and_not_by_where_it_lies(hub: FakeHub, folder: Path) -> None:
    (folder / WEIGHTS_FILE).write_bytes((folder / WEIGHTS_FILE).read_bytes()[:-5])
    share(hub, folder)
    code = """
    from hwr import CharRecognizer
    try:
        CharRecognizer.from_pretrained("user/model")
    except ModelError as error:
        result = str(error)
    """
    said = client(hub.env, code)
    assert said.startswith("user/model/model.safetensors is not a whole safetensors file")
    assert "snapshots" not in said
