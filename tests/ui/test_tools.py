"""The endpoints as tools: what a model is told of them, what it may send, and what it gets."""

import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.utils import get_upload_folder

from hwr.errors import InputError
from hwr.ui.door import Page, app_options
from hwr.ui.guard import UNEXPECTED, image_parameter, uploaded_path
from hwr.ui.programs import Programs
from hwr.ui.tools import improve

HEADERS = {"Accept": "application/json, text/event-stream"}
RED = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
RED_URL = f"data:image/png;base64,{base64.b64encode(RED).decode()}"


def look(image: Any, times: int = 0, note: str | None = None) -> tuple[str, list[str], dict[str, Any]]:
    path = uploaded_path(image)
    if note == "!":
        raise InputError("That is no note.")
    if note == "?":
        raise KeyError("secret")
    return path, [path, path], {"size": Path(path).stat().st_size, "times": times, "note": note, "good": True}


def page() -> Page:
    with Page(analytics_enabled=False) as demo:
        outputs = [gr.File(), gr.File(file_count="multiple"), gr.JSON()]
        inputs = [image_parameter("A picture"), gr.Number(0, label="How often", precision=0), gr.Textbox(label="A note")]
        share: dict[str, Any] = {"concurrency_id": "compute", "concurrency_limit": 2, "preprocess": False}
        gr.Button().click(look, inputs, outputs, api_name="look", api_description="Look at a picture.", **share)
        gr.Button().click(lambda: "done", None, outputs[2], api_visibility="private")
    demo.queue(api_open=False)
    return demo


def launched() -> Iterator[str]:
    demo = page()
    _, address, _ = demo.launch(
        prevent_thread_lock=True,
        quiet=True,
        ssr_mode=False,
        mcp_server=True,
        server_name="127.0.0.1",
        app_kwargs=app_options(Programs),
    )
    improve(demo.mcp_server_obj)
    yield f"{address.rstrip('/')}/gradio_api"
    demo.close(verbose=False)


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    yield from launched()


def asked(api: str, method: str, **parameters: Any) -> dict[str, Any]:
    """The answer to a message, as the protocol sends it."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = httpx.post(f"{api}/mcp/", json=message, headers=HEADERS, timeout=60).raise_for_status().text
    (data,) = re.findall(r"^data: (.+?)\r?$", answer, re.MULTILINE)
    return json.loads(data)["result"]


def looked(api: str, **arguments: Any) -> dict[str, Any]:
    return asked(api, "tools/call", name="look", arguments=arguments)


def test_a_model_is_told_what_tools_do_and_what_arguments_mean(api: str) -> None:
    (tool,) = asked(api, "tools/list")["tools"]
    assert (tool["name"], tool["description"]) == ("look", "Look at a picture.")
    schema = tool["inputSchema"]
    assert schema["required"] == ["image"]
    assert schema["properties"]["image"]["description"].startswith("A picture. A data URL")
    assert schema["properties"]["times"] == {"type": "integer", "description": "How often.", "default": 0}
    assert schema["properties"]["note"]["description"] == "A note. May be left out."


def test_pictures_go_in_and_come_out_and_the_rest_is_json(api: str) -> None:
    result = looked(api, image=RED_URL, times=3)
    assert not result["isError"]
    pictures = [part for part in result["content"] if part["type"] == "image"]
    assert len(pictures) == 3, "one output is a picture, one a list of two"
    assert {part["mimeType"] for part in pictures} == {"image/png"}
    assert json.loads(result["content"][-1]["text"]) == {"size": len(RED), "times": 3, "note": None, "good": True}
    address = result["content"][1]["text"].removeprefix("Image URL: ")
    assert httpx.get(address).content == RED


def test_what_was_uploaded_is_taken_by_its_path_and_its_address(api: str) -> None:
    (path,) = httpx.post(f"{api}/upload", files={"files": ("a b.png", RED)}).json()
    for given in (path, f"{api}/file={path}", f"{api}/file={path.replace(' ', '%20')}"):
        assert json.loads(looked(api, image=given)["content"][-1]["text"])["size"] == len(RED)


@pytest.mark.parametrize(
    "given",
    [
        "/etc/passwd",
        f"{get_upload_folder()}/../../etc/passwd",
        "http://127.0.0.1:1/a.png",
        "http://127.0.0.1/gradio_api/file=/etc/passwd",
        "file:///etc/passwd",
        "",
        "x" * 5000,
        "a\0b",
        "data:image/png;base64,abc",
        "data:",
    ],
)
def test_nothing_else_is_a_file(api: str, given: str) -> None:
    result = looked(api, image=given)
    assert result["isError"]
    assert result["content"][0]["text"].startswith("That is no file. A data URL")


@pytest.mark.parametrize("given", [{}, {"image": 5}, {"image": RED_URL, "times": "x"}, {"image": RED_URL, "unknown": 1}])
def test_wrong_arguments_are_named(api: str, given: dict[str, Any]) -> None:
    result = looked(api, **given)
    assert result["isError"]
    assert "Input validation error" in result["content"][0]["text"]


def test_progress_may_be_asked_for(api: str) -> None:
    result = asked(api, "tools/call", name="look", arguments={"image": RED_URL}, _meta={"progressToken": "p"})
    assert len(result["content"]) == 7


def test_many_at_once_each_get_their_own_answer(api: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda number: looked(api, image=RED_URL, times=number), range(40)))
    assert [json.loads(result["content"][-1]["text"])["times"] for result in results] == list(range(40))


@pytest.mark.parametrize("given", ["!", "?"])
def test_what_an_endpoint_refuses_is_told_in_its_words(api: str, given: str) -> None:
    result = looked(api, image=RED_URL, note=given)
    assert result["isError"]
    assert result["content"][0]["text"] == ("That is no note." if given == "!" else UNEXPECTED)


def test_two_pages_in_one_process_have_tools_each(api: str) -> None:
    """The manager of the protocol's sessions can be run once: each page needs its own."""
    other = next(served := launched())
    for address in (api, other, api):
        assert not looked(address, image=RED_URL)["isError"]
    assert next(served, None) is None
    assert not looked(api, image=RED_URL)["isError"]
