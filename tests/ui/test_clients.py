"""Every endpoint, called over HTTP by every client that is documented, as people run it."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from app_server import ROOT, shared_app
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import OpenAPIV31SpecValidator
from PIL import Image

from hwr.ink.rendering import render, text_picture
from hwr.ink.strokes import parse_strokes

CLIENTS = ROOT / "docs" / "clients"
MODULES = ROOT / "tests" / "support" / "javascript" / "node_modules"
LETTERS = {each["char"]: each["strokes"] for each in json.loads((ROOT / "hwr/ui/character/examples.json").read_text())}
TEXTS = {each["text"]: each["strokes"] for each in json.loads((ROOT / "hwr/ui/text/examples.json").read_text())}


def there(reason: str, *needed: str | Path | None) -> pytest.MarkDecorator:
    """Skips where something isn't, but not on CI, where it must be."""
    lost = not all(path is not None and os.path.exists(path) for path in needed)
    return pytest.mark.skipif(lost and not os.environ.get("CI"), reason=reason)


RUN = {"call.py": [sys.executable], "call_mcp.py": [sys.executable], "call.sh": ["sh"], "call.mjs": ["node"]}
PROGRAMS = [
    "call.py",
    "call_mcp.py",
    pytest.param("call.sh", marks=there("curl is not installed.", shutil.which("curl"))),
    pytest.param("call.mjs", marks=there("No Node, or no `npm ci --prefix tests/support/javascript`.", shutil.which("node"), MODULES)),
]


@dataclass(frozen=True)
class Call:
    """A call, the file that goes with it, and what its answer says, whoever asks."""

    endpoint: str
    arguments: dict[str, Any]
    file: str = ""
    says: tuple[str, ...] = ()
    pictures: int = 0


CALLS = [
    Call("recognize_character", {"image": "FILE", "top_k": 2}, "letter.png", ('"label": "R"', '"confidence": 0.9')),
    Call("recognize_strokes", {"strokes": LETTERS["A"]}, says=('"label": "A"',)),
    Call("read_text", {"image": "FILE", "words": "hello write"}, "note.png", ('"text": "hello"', '"baseline"')),
    Call("export_text", {"image": "FILE", "format": "alto"}, "note.png", (".alto.xml",)),
    Call("write_pen", {"text": "Zoë", "style": 1}, says=("handwriting.svg", "handwriting.png", '"words": 1'), pictures=1),
    Call("write_pixels", {"text": "ab", "seed": 7}, says=("handwriting.png", '"characters": 2', '"seed": 7'), pictures=1),
    Call("evaluate", {"archive": "FILE"}, "set.zip", ("report.html", "predictions.csv", '"n": 2')),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is sent, and the JavaScript beside the package that it imports."""
    folder = tmp_path_factory.mktemp("clients")
    Image.fromarray(render(parse_strokes(LETTERS["R"]))).save(folder / "letter.png")
    Image.fromarray(text_picture(parse_strokes(TEXTS["hello"]))).save(folder / "note.png")
    with zipfile.ZipFile(folder / "set.zip", "w") as archive:
        for char in "RA":
            Image.fromarray(render(parse_strokes(LETTERS[char]))).save(folder / f"{char}.png")
            archive.write(folder / f"{char}.png", f"{char}/1.png")
    shutil.copy(CLIENTS / "call.mjs", folder)
    (folder / "node_modules").symlink_to(MODULES)
    return folder


def called(program: str, files: Path, folder: Path, endpoint: str, arguments: Any, file: str = "") -> subprocess.CompletedProcess[str]:
    source = files if program.endswith(".mjs") else CLIENTS
    words = [*RUN[program], str(source / program), shared_app(), endpoint, json.dumps(arguments)]
    words += [str(files / file)] if file else []
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


@cache
def description() -> dict[str, Any]:
    return httpx.get(f"{shared_app()}/gradio_api/openapi.json").raise_for_status().json()


def assert_described(name: str, value: Any) -> None:
    """A value is as the OpenAPI description says."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": description()["components"]}
    Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.endpoint)
def test_every_endpoint_answers_every_client(program: str, call: Call, files: Path, tmp_path: Path) -> None:
    done = called(program, files, tmp_path, call.endpoint, call.arguments, call.file)
    assert done.returncode == 0, done.stderr
    for words in call.says:
        assert words in done.stdout
    if program in ("call.sh", "call.mjs"):  # which print the answer as it came
        assert_described(f"{call.endpoint}_answer", json.loads(done.stdout))
        uploaded = {"path": "/tmp/a.png", "meta": {"_type": "gradio.FileData"}}
        sent = {name: uploaded if value == "FILE" else value for name, value in call.arguments.items()}
        assert_described(f"{call.endpoint}_arguments", sent)
    pictures = list(tmp_path.glob("answer-*.png"))
    assert len(pictures) == (call.pictures if program == "call_mcp.py" else 0)
    for path in pictures:
        with Image.open(path) as picture:
            assert min(picture.size) > 20


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_refusal_reaches_every_client(program: str, files: Path, tmp_path: Path) -> None:
    done = called(program, files, tmp_path, "recognize_strokes", {"strokes": [], "top_k": 5})
    assert done.returncode == 1
    assert "There is no ink yet" in done.stdout + done.stderr


def test_the_calls_are_all_endpoints() -> None:
    named = httpx.get(f"{shared_app()}/gradio_api/info").json()["named_endpoints"]
    assert {f"/{call.endpoint}" for call in CALLS} == named.keys()


def test_the_description_is_valid_and_of_all_endpoints() -> None:
    described = description()
    OpenAPIV31SpecValidator(described).validate()
    assert described["servers"] == [{"url": shared_app()}]
    paths = {"/gradio_api/upload"}
    for call in CALLS:
        paths |= {f"/gradio_api/call/v2/{call.endpoint}", f"/gradio_api/call/{call.endpoint}/{{event_id}}"}
    assert described["paths"].keys() == paths
    for call in CALLS:
        arguments = described["components"]["schemas"][f"{call.endpoint}_arguments"]
        assert all(schema["description"] for schema in arguments["properties"].values())
        Draft202012Validator.check_schema(arguments)


@pytest.mark.parametrize("sent", [{}, {"strokes": "none"}, {"strokes": [], "more": 1}, {"strokes": [], "top_k": "five"}])
def test_the_description_tells_wrong_arguments(sent: Any) -> None:
    with pytest.raises(ValidationError):
        assert_described("recognize_strokes_arguments", sent)
