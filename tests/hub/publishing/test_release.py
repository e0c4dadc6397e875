"""What a release consists of, and what is no release."""

import shutil
from pathlib import Path

import pytest

from hwr.errors import InputError, ModelError
from hwr.hub.publishing.pins import Pin
from hwr.hub.publishing.release import dataset_parts, model_parts, space_part

ROOT = Path(__file__).resolve().parents[3]


def test_the_shipped_models_make_a_release() -> None:
    parts = model_parts(ROOT, "user")
    assert {"char-best", "text-best", "pages-best", "ink-best", "pen-best", "pixels-best", "language-model"} <= parts.keys()
    assert all(part.repo_id == f"user/hwr-{name}" for name, part in parts.items())
    assert all({"README.md", "metrics.json"} <= part.files.keys() for name, part in parts.items() if name != "language-model")


def test_the_space_has_all_that_the_page_needs_but_no_weights() -> None:
    names = [name for name in model_parts(ROOT, "user") if name != "language-model"]
    space = space_part(ROOT, "user", {name: Pin(f"user/hwr-{name}", "a" * 40) for name in names}).files
    shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / "hwr").rglob("*.*") if path.suffix in (".py", ".js", ".css", ".html")}
    assert shipped <= space.keys()
    assert not [name for name in space if name.endswith(".safetensors")]
    assert all(content.is_file() for content in space.values() if isinstance(content, Path))
    card = bytes(space["README.md"]).decode()
    assert "python_version: '3.12'" in card, "one that ZeroGPU has"
    assert "suggested_hardware: zero-a10g" in card


@pytest.mark.parametrize("lost", ["app.py", "weights"])
def test_what_is_no_clone_is_refused(clone: Path, lost: str) -> None:
    path = clone / lost
    path.unlink() if path.is_file() else shutil.rmtree(path)
    with pytest.raises(InputError, match="Publish from a clone"):
        model_parts(clone, "user")


def test_half_a_model_is_refused(clone: Path) -> None:
    (clone / "weights/char-small/model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        model_parts(clone, "user")


def test_a_data_set_has_its_files_and_needs_a_licence(data_set: Path, tmp_path: Path) -> None:
    (data_set / ".cache").mkdir()
    (data_set / ".cache" / "x").touch()
    (part,) = dataset_parts([str(data_set)], "user")
    assert part.repo_id == "user/letters"
    assert part.files.keys() == {"README.md", "train.parquet"}
    for text in ("# no front matter\n", "---\ntags: [a]\n---\n", "---\n- a\n---\n"):
        (data_set / "README.md").write_text(text)
        with pytest.raises(InputError, match="license"):
            dataset_parts([str(data_set)], "user")
    with pytest.raises(InputError, match=r"README\.md"):
        dataset_parts([str(tmp_path)], "user")
