"""A clone of the repository in small, that tests publish and spoil."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from small_networks import network

from hwr.hub.cards import CardText, write_card
from hwr.hub.files import METRICS_FILE, ONNX_FILE, WEIGHTS_FILE, model_digest

FRONT = "---\ntitle: hwr\nsdk: gradio\nsdk_version: 6.31.0\npython_version: '3.12'\napp_file: app.py\n---\n\n# hwr\n"


def add_model(folder: Path, seed: int = 0) -> None:
    """A whole model folder, with metrics and a card that agree."""
    network(seed).save_pretrained(folder)
    results = [{"dataset": "Scans, 400 a class", "split": "test", "n": 1400, "accuracy": 0.87654321, "ece": 0.0104}]
    digest = sha256((folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    metrics = {
        "name": folder.name,
        "model": "CharLSTM",
        "parameters": 1234,
        "command": "train",
        "weights_sha256": digest,
        "results": results,
    }
    (folder / METRICS_FILE).write_text(json.dumps(metrics))
    write_card(folder, CardText(folder.name, "It reads.", "Letters.", "import hwr", "AdamW.", "None."))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    for name, text in {
        "app.py": "import hwr\n",
        "README.md": FRONT,
        "requirements.txt": "torch>=2.8,<2.14\ngradio[mcp]>=6.31\n",
        "LICENSE": "Apache\n",
        "model_card.md": "{{ card_data }}\n",
        "hwr/__init__.py": "",
        "hwr/__pycache__/a.pyc": "no",
        "docs/clients/call.py": "print()\n",
        "runs/checkpoint.pt": "no",
        "weights/language-model/README.md": "---\nlicense: cc-by-sa-4.0\n---\n",
        "weights/language-model/en/ngrams.npz": "model",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for seed, name in enumerate(("char-best", "char-small")):
        add_model(root / "weights" / name, seed)
    (root / "weights" / "char-best" / "figure.png").write_bytes(b"picture")
    best = root / "weights" / "char-best"
    (best / ONNX_FILE).write_bytes(f"exported of {model_digest(best)}".encode())
    (root / "weights" / "char-best" / "checkpoint.pt").write_bytes(b"not for others")
    return root


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "README.md").write_text("---\nlicense: cc0-1.0\n---\n# Letters\n")
    (folder / "train.parquet").write_bytes(b"PAR1")
    return folder
