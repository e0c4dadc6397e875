"""Programs are answered past Gradio's queue, and can't tell: the same calls with and without give the same messages."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from hwr.errors import InputError
from hwr.system import deadline
from hwr.ui import programs
from hwr.ui.door import Page, app_options
from hwr.ui.guard import uploaded_path
from hwr.ui.programs import Programs
from hwr.ui.sessions import Sessions

ENDED = threading.Event()
"""Set when the endpoint that goes on and on has ended."""
BEGUN = threading.Event()


def greet(name: Any, times: Any = 1) -> dict[str, Any]:
    if not isinstance(name, str):
        raise InputError("The name must be a text. Send one.")
    return {"greeting": f"hello {name}" * times}


def copied(file: Any, text: Any = "") -> tuple[str, str]:
    return uploaded_path(file), text.upper()


def crash(name: Any) -> None:
    raise KeyError(name)


def endless(name: Any) -> str:
    ENDED.clear()
    BEGUN.set()
    try:
        while True:
            deadline.check()
    finally:
        ENDED.set()


def page() -> Page:
    """A small page with endpoints, one for itself, and a state."""
    with Page(analytics_enabled=False) as demo:
        name, times, file = gr.Textbox(), gr.Number(1), gr.File()
        result, other, out = gr.JSON(), gr.Textbox(), gr.File()
        share = {"concurrency_id": "compute", "concurrency_limit": 2, "preprocess": False}
        gr.Button().click(greet, [name, times], result, api_name="greet", **share)
        gr.Button().click(copied, [file, name], [out, other], api_name="copied", **share)
        gr.Button().click(crash, name, result, api_name="crash", **share)
        gr.Button().click(endless, name, other, api_name="endless", concurrency_id="long", concurrency_limit=1, preprocess=False)
        gr.Button().click(lambda: "done", None, other, api_visibility="private")
    demo.queue(api_open=False)
    return demo


def launched(*middleware: type) -> Iterator[str]:
    demo = page()
    _, address, _ = demo.launch(
        prevent_thread_lock=True, quiet=True, ssr_mode=False, server_name="127.0.0.1", app_kwargs=app_options(*middleware)
    )
    sessions = Sessions()
    sessions.set_blocks(demo)
    demo.app.state_holder = sessions
    yield address.rstrip("/")
    demo.close(verbose=False)


@pytest.fixture(scope="module")
def lean() -> Iterator[str]:
    yield from launched(Programs)


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    yield from launched()


def called(address: str, path: str, sent: Any) -> tuple[int, str]:
    """Status, and what a caller gets, as curl asks for it; its own id and times are left out."""
    api = f"{address}/gradio_api/call/{path}"
    posted = httpx.post(api, json=sent, timeout=60)
    if posted.status_code != 200:
        return posted.status_code, posted.text
    assert posted.json().keys() == {"event_id"}
    answer = httpx.get(f"{api}/{posted.json()['event_id']}", timeout=60)
    assert answer.headers["content-type"].startswith("text/event-stream")
    return answer.status_code, answer.text.replace(address, "")


def joined(address: str, endpoint: str, data: list[Any], session: str) -> list[dict[str, Any]]:
    """Messages of a call as Gradio's clients make it."""
    config = httpx.get(f"{address}/config").json()
    number = next(each["id"] for each in config["dependencies"] if each["api_name"] == endpoint)
    join = {"data": data, "fn_index": number, "session_hash": session, "event_data": None, "trigger_id": None}
    event = httpx.post(f"{address}/gradio_api/queue/join", json=join, timeout=60).raise_for_status().json()["event_id"]
    told = httpx.get(f"{address}/gradio_api/queue/data", params={"session_hash": session}, timeout=60).text
    messages = [json.loads(line.removeprefix("data:")) for line in told.replace(address, "").split("\n\n") if line]
    assert {message["event_id"] for message in messages[:-1]} == {event}
    return messages


CALLS = [
    ("greet", {"data": ["Zoë", 2]}),
    ("greet", {"data": ["Zoë", 2], "session_hash": "somebody"}),
    ("v2/greet", {"name": "<b>"}),
    ("v2/greet", {"name": "a", "times": 3}),
    ("greet", {"data": [5, 1]}),
    ("crash", {"data": ["x"]}),
    ("copied", {"data": [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "x"]}),
    ("copied", {"data": [{"path": "http://127.0.0.1:1/x", "meta": {"_type": "gradio.FileData"}}, "x"]}),
    ("copied", {"data": [None, "x"]}),
    ("greet", {"data": ["a"]}),
    ("greet", {"data": "a"}),
    ("greet", {}),
    ("nothing", {"data": []}),
    ("v2/nothing", {}),
    ("greet", {"data": ["a", 1], "session_hash": "x" * 500}),
]


@pytest.mark.parametrize(("path", "sent"), CALLS)
def test_curl_gets_what_gradio_gives(lean: str, plain: str, path: str, sent: Any):
    assert called(lean, path, sent) == called(plain, path, sent)


@pytest.mark.parametrize("content", [b"", b"[1", b"\xff", b"[" * 100_000, b"null", b"[1]"])
def test_what_is_no_call_is_refused_with_a_sentence(lean: str, content: bytes):
    for path in ("call/greet", "call/v2/greet", "queue/join"):
        answer = httpx.post(f"{lean}/gradio_api/{path}", content=content, timeout=60)
        assert 400 <= answer.status_code < 500
        assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(("endpoint", "data"), [("greet", ["Zoë", 2]), ("greet", [5, 1]), ("crash", ["x"])])
def test_gradios_clients_get_what_gradio_gives(lean: str, plain: str, endpoint: str, data: list[Any]):
    mine, its = (joined(address, endpoint, data, f"new {endpoint} {data}") for address in (lean, plain))
    assert [message["msg"] for message in mine] == [message["msg"] for message in its]
    for message, other in zip(mine, its, strict=True):
        assert message.keys() == other.keys()
        if message["msg"] == "process_completed":
            assert message["success"] == other["success"]
            assert message["title"] == other["title"]
            assert message["output"].get("data") == other["output"].get("data")
            assert message["output"].get("error") == other["output"].get("error")
            assert other["output"].keys() - message["output"].keys() <= {"used_cache"}


@pytest.mark.parametrize("server", ["lean", "plain"])
def test_a_real_client_can_not_tell(server: str, request: pytest.FixtureRequest, tmp_path: Path):
    client = Client(request.getfixturevalue(server), verbose=False)
    (tmp_path / "note.txt").write_text("a note")
    assert client.predict(name="you", times=2, api_name="/greet") == {"greeting": "hello youhello you"}
    assert client.predict("me", api_name="/greet") == {"greeting": "hello me"}
    path, text = client.predict(file=handle_file(tmp_path / "note.txt"), text="b", api_name="/copied")
    assert (Path(path).read_text(), text) == ("a note", "B")
    with pytest.raises(AppError, match="must be a text"):
        client.predict(name=None, api_name="/greet")
    jobs = [client.submit(name=str(number), api_name="/greet") for number in range(20)]
    assert [job.result(timeout=60)["greeting"] for job in jobs] == [f"hello {number}" for number in range(20)]


@pytest.mark.parametrize(("sent", "says"), [({"times": 3}, "name"), ({"name": "a", "more": 3}, "more"), ([], "JSON object")])
def test_arguments_that_are_missing_or_unknown_are_named(lean: str, sent: Any, says: str):
    status, words = called(lean, "v2/greet", sent)
    assert status == 400
    assert says in words


def test_a_call_that_is_cancelled_ends(lean: str):
    BEGUN.clear()
    job = Client(lean, verbose=False).submit(name="x", api_name="/endless")
    assert BEGUN.wait(60)
    job.cancel()
    assert ENDED.wait(60)


def test_a_call_whose_caller_leaves_ends(lean: str):
    BEGUN.clear()
    api = f"{lean}/gradio_api/call/endless"
    event = httpx.post(api, json={"data": ["x"]}).json()["event_id"]
    assert BEGUN.wait(60)
    with httpx.stream("GET", f"{api}/{event}", timeout=60):
        pass  # and away
    assert ENDED.wait(60)


def test_an_answer_is_fetched_once(lean: str):
    api = f"{lean}/gradio_api/call/greet"
    event = httpx.post(api, json={"data": ["x", 1]}).json()["event_id"]
    assert "event: complete" in httpx.get(f"{api}/{event}").text
    assert "event: error" in httpx.get(f"{api}/{event}").text


def test_a_session_of_the_page_stays_in_gradios_queue(lean: str):
    """What a page asks for and what a program asks for in the same session arrive on the same stream."""
    config = httpx.get(f"{lean}/config").json()
    private = next(each["id"] for each in config["dependencies"] if each["api_visibility"] == "private")
    join = {"data": [], "fn_index": private, "session_hash": "a page"}
    httpx.post(f"{lean}/gradio_api/queue/join", json=join).raise_for_status()
    assert "process_completed" in httpx.get(f"{lean}/gradio_api/queue/data", params={"session_hash": "a page"}, timeout=60).text
    assert joined(lean, "greet", ["x", 1], "a page")[-2]["output"]["data"] == [{"greeting": "hello x"}]


def test_nothing_is_left_of_a_crowd_and_of_those_who_never_fetch(monkeypatch: pytest.MonkeyPatch):
    kept: list[Programs] = []

    class Watched(Programs):
        def __init__(self, app: Any) -> None:
            super().__init__(app)
            kept.append(self)

    monkeypatch.setattr(programs, "KEPT", 5)
    address = next(served := launched(Watched))
    api = f"{address}/gradio_api/call/greet"
    number = next(each["id"] for each in httpx.get(f"{address}/config").json()["dependencies"] if each["api_name"] == "greet")

    def forgotten(count: int) -> None:
        httpx.post(api, json={"data": ["x", 1]}).raise_for_status()
        join = {"data": ["x", 1], "fn_index": number, "session_hash": f"{count}"}
        httpx.post(f"{address}/gradio_api/queue/join", json=join).raise_for_status()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(forgotten, range(40)))
    for _ in range(10):
        called(address, "greet", {"data": ["x", 1]})
    (watched,) = kept
    assert len(watched.calls) <= 5 + watched.under_way
    assert len(watched.sessions) <= 5 + watched.under_way
    assert watched.under_way == 0
    assert not watched.page.app.state_holder.session_data
    assert not watched.page._queue.pending_event_ids_session
    assert next(served, None) is None


def test_too_many_at_once_are_asked_to_come_again(lean: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(programs, "MAX_WAITING", 0)
    status, words = called(lean, "greet", {"data": ["x", 1]})
    assert status == 503
    assert "Try again" in words
