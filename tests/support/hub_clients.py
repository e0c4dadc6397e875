"""Clients of the Hub, in fresh processes: ``HF_ENDPOINT`` is read at import."""

import json
import multiprocessing
import os
import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_FRESH = multiprocessing.get_context("forkserver")
# Processes start with PyTorch, which takes seconds to import, but without the Hub's client.
_FRESH.set_forkserver_preload(["__main__", "torch", "safetensors.torch", "pydantic"])
_PRELUDE = """
import json, sys
from pathlib import Path
from time import monotonic
from hwr.hub import finding, pushing
from hwr.errors import ModelError
"""


def client(hub_env: dict[str, str], code: str, *arguments: str) -> Any:
    """What ``code`` leaves in ``result``, run by a process that has not met the Hub before; it may print nothing."""
    with TemporaryDirectory() as folder:
        process = _FRESH.Process(target=_run, args=(_PRELUDE + textwrap.dedent(code), arguments, dict(hub_env), folder))
        process.start()
        process.join(300)
        process.kill()
        process.join()
        printed, complaints = (Path(folder, name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        assert process.exitcode == 0, complaints
        assert not printed
        return json.loads(Path(folder, "result").read_text(encoding="utf-8"))


def _run(code: str, arguments: tuple[str, ...], environment: dict[str, str], folder: str) -> None:
    assert "huggingface_hub" not in sys.modules
    os.environ.clear()
    os.environ.update(environment)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(Path(folder, name), os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["client", *arguments]
    scope: dict[str, Any] = {}
    exec(code, scope)
    Path(folder, "result").write_text(json.dumps(scope["result"]), encoding="utf-8")


LOAD = """
from hwr.models.char_lstm import CharLSTM
from small_networks import logits
result = [logits(CharLSTM.from_pretrained(repo, revision=revision or None)) for repo, revision in map(str.split, sys.argv[1:], ["@"] * 9)]
"""


PUSH = "commit = pushing.push(Path(sys.argv[1]), sys.argv[2]); result = [commit, commit.oid]"
