"""The Space as it is published: started from its own files, with the weights of the repositories that it names."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
from app_server import ROOT, serve
from gradio_client import Client
from hub_server import FakeHub


def test_the_space_starts_and_takes_its_weights_from_the_hub(hub: FakeHub, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "hwr", "publish", "--namespace", "user"]
    told = subprocess.run(words, cwd=ROOT, env=hub.env, capture_output=True, text=True, check=True).stdout
    assert told.endswith("MB were sent.\n")
    space = hub.repos["spaces", "user/hwr"]
    for name, file in space.trees[space.branches["main"]].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(file.data)
    with serve(tmp_path, **hub.env) as url:
        strokes = json.loads((ROOT / "hwr/ui/character/examples.json").read_text())[0]
        client = Client(url, verbose=False)
        given = client.predict(strokes=strokes["strokes"], api_name="/recognize_strokes")
        assert given["label"] == strokes["char"]
        for endpoint in ("/write_pen", "/write_pixels"):
            client.predict(text="a", api_name=endpoint)
        assert "could not be loaded" not in httpx.get(f"{url}/config").text
    fetched = {path for method, path in hub.requests if "/resolve/" in path and path.endswith("model.safetensors")}
    pins = json.loads((tmp_path / "weights/pinned.json").read_text())
    for name in ("char-best", "text-best", "pages-best", "ink-best", "pen-best", "pixels-best"):
        assert f"/{pins[name]['repo']}/resolve/{pins[name]['revision']}/model.safetensors" in fetched
