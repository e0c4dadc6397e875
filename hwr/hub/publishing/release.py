"""What a release consists of: repositories and the files in them, from a clone of this repository."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hwr.errors import InputError, ModelError
from hwr.hub.files import CARD_FILE, CONFIG_FILE, METRICS_FILE, ONNX_FILE, WEIGHTS_FILE
from hwr.hub.publishing import pins
from hwr.hub.publishing.claims import check_claims
from hwr.hub.publishing.pins import Pin
from hwr.hub.pushing import model_files

LANGUAGE_MODEL = "language-model"
"""A folder of weights that is no network; Spaces carry it."""

ZERO_GPU_TORCH = "torch>=2.8,<2.12"
"""What ZeroGPU runs: 2.8, 2.9.1, 2.10 and 2.11."""

_SPACE_FILES = ("app.py", "model_card.md", "LICENSE")
_SPACE_FOLDERS = ("hwr", "docs/clients", f"weights/{LANGUAGE_MODEL}")
_DESCRIBING = (CARD_FILE, CONFIG_FILE, METRICS_FILE)
"""Of a model, what pages show of it; its weights come from its own repository."""


@dataclass(frozen=True)
class Part:
    """A repository as it shall be.

    Attributes:
        kind: of repository.
        repo_id: ``user/name``.
        files: by their paths in the repository: where they lie, or what is in them.
    """

    kind: Literal["model", "dataset", "space"]
    repo_id: str
    files: Mapping[str, Path | bytes]


def model_parts(root: Path, namespace: str) -> dict[str, Part]:
    """The models in ``root/weights``, by the names of their folders, each checked against its metrics.

    Raises:
        ModelError: a folder is no whole model, or its card claims what was not measured.
        InputError: this is no clone of the repository.
    """
    if not (root / "app.py").is_file() or not (root / "weights").is_dir():
        raise InputError(f"{root} is no clone of this repository: it has no app.py or no weights. Publish from a clone.")
    parts = {}
    for folder in sorted(path for path in (root / "weights").iterdir() if (path / CARD_FILE).is_file()):
        if folder.name == LANGUAGE_MODEL:
            files = [folder / CARD_FILE, *sorted(folder.rglob("*.npz"))]
        else:
            files = model_files(folder)
            check_claims(folder)
        named = {path.relative_to(folder).as_posix(): path for path in files}
        parts[folder.name] = Part("model", f"{namespace}/hwr-{folder.name}", named)
    return parts


def dataset_parts(folders: Sequence[str], namespace: str) -> list[Part]:
    """Folders of data sets, as ``hwr dataset`` makes them.

    Raises:
        InputError: a folder has no card, or one that names no licence.
    """
    parts = []
    for folder in (Path(name).expanduser() for name in folders):
        card = folder / CARD_FILE
        if not card.is_file() or not _front_matter(card.read_text(encoding="utf-8")).get("license"):
            raise InputError(f"{folder} can't be published: it has no {CARD_FILE} whose front matter names a license.")
        files = {path.relative_to(folder).as_posix(): path for path in _visible(folder)}
        parts.append(Part("dataset", f"{namespace}/{folder.resolve().name}", files))
    return parts


def space_part(root: Path, namespace: str, pinned: Mapping[str, Pin]) -> Part:
    """The Space: the code as it is, front matter and requirements that suit the Hub's machines, and where the weights are."""
    files: dict[str, Path | bytes] = {name: root / name for name in _SPACE_FILES}
    for folder in _SPACE_FOLDERS:
        files |= {path.relative_to(root).as_posix(): path for path in _visible(root / folder)}
    for name in pinned:
        files |= {f"weights/{name}/{file}": root / "weights" / name / file for file in _DESCRIBING}
    files[f"weights/{pins.PINS_FILE}"] = pins.dumped(pinned)
    requirements = (root / "requirements.txt").read_text(encoding="utf-8")
    files["requirements.txt"] = re.sub(r"^torch\b.*$", ZERO_GPU_TORCH, requirements, flags=re.MULTILINE).encode()
    front = _front_matter((root / CARD_FILE).read_text(encoding="utf-8"))
    front |= {"models": [pin.repo for _, pin in sorted(pinned.items())]}
    front |= {"preload_from_hub": [_preloaded(root / "weights" / name, pin) for name, pin in sorted(pinned.items())]}
    files[CARD_FILE] = _space_card(front, namespace, pinned).encode()
    return Part("space", f"{namespace}/hwr", files)


def _preloaded(folder: Path, pin: Pin) -> str:
    """What the Hub shall have at hand of a model when the Space starts."""
    names = [name for name in (CONFIG_FILE, WEIGHTS_FILE, ONNX_FILE) if (folder / name).is_file()]
    return f"{pin.repo} {','.join(names)} {pin.revision}"


def _space_card(front: dict[str, Any], namespace: str, pinned: Mapping[str, Pin]) -> str:
    """Front matter and a few words."""
    from importlib.resources import files

    import yaml
    from jinja2 import Template

    words = Template(files("hwr.hub.publishing").joinpath("space.md").read_text(encoding="utf-8"), keep_trailing_newline=True)
    metadata = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=1000)
    place = re.sub(r"[^a-z0-9]+", "-", f"{namespace}-hwr".lower())  # as the Hub names the host
    return f"---\n{metadata}---\n\n{words.render(place=place, pinned=dict(sorted(pinned.items())))}"


def _front_matter(card: str) -> dict[str, Any]:
    """What stands between the dashes on top of a card; nothing if there is nothing that can be read.

    Raises:
        ModelError: it is no YAML.
    """
    import yaml

    found = re.match(r"---\n(.*?)\n---\s*(?:\n|$)", card, re.DOTALL)
    try:
        data = yaml.safe_load(found[1]) if found else {}
    except yaml.YAMLError as error:
        raise ModelError(f"A card's front matter is no YAML: {' '.join(str(error).split())[:300]}") from error
    return data if isinstance(data, dict) else {}


def _visible(folder: Path) -> list[Path]:
    """All files of a folder but hidden ones and what Python makes."""

    def shown(path: Path) -> bool:
        parts = path.relative_to(folder).parts
        return path.is_file() and not any(part.startswith(".") or part in ("__pycache__", "node_modules") for part in parts)

    return sorted(path for path in folder.rglob("*") if shown(path))
