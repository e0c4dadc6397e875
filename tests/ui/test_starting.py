"""The page on machines that let it down."""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import gettempdir

from app_server import ROOT, serve
from gradio_client import Client, handle_file
from hostile_files import archive, picture
from hub_server import FakeHub

READ_ONLY = '''
import os, sys

def refuse(event, arguments):
    """No file may be written but in the temporary folder."""
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    elif event in ("os.mkdir", "os.rename", "os.remove"):
        path, writes = arguments[0], True
    else:
        return
    if writes and isinstance(path, (str, bytes, os.PathLike)):
        place = os.path.abspath(os.fsdecode(path))
        if not place.startswith((os.environ["ONLY"], "/dev/")):
            raise PermissionError(13, "Permission denied", place)

sys.addaudithook(refuse)
'''
"""What Python runs before everything else."""


def test_the_page_needs_no_hub_and_no_place_to_write_but_the_temporary_folder(hub: FakeHub, tmp_path: Path) -> None:
    hub.down = True
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "sitecustomize.py").write_text(READ_ONLY)
    picture_file = tmp_path / "a.png"
    picture_file.write_bytes(picture().data)
    zip_file = tmp_path / "a.zip"
    zip_file.write_bytes(archive({"I/1.png": picture().data}).data)
    environment = hub.env | {"PYTHONPATH": str(tmp_path / "hooks"), "ONLY": gettempdir(), "HWR_CHAR_MODEL": "user/model"}
    environment |= dict.fromkeys(("HOME", "HF_HOME", "HF_HUB_CACHE", "HF_DATASETS_CACHE"), "/nonexistent")
    tried = [sys.executable, "-c", "import sys; open(sys.argv[1], 'w')", str(ROOT / "tests" / "written")]
    assert "Permission denied" in subprocess.run(tried, env=environment, capture_output=True, text=True, check=False).stderr
    with serve(**environment) as url:
        client = Client(url, verbose=False, download_files=False)
        assert re.search("user/model could not be loaded, so the shipped weights are used", str(client.config))
        assert client.predict(image=handle_file(picture_file), api_name="/recognize_character")["confidences"]
        assert len(client.predict(text="abc", verify=False, api_name="/write_pen")) == 3
        assert client.predict(archive=handle_file(zip_file), api_name="/evaluate")[1]["n"] == 1
