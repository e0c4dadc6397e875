"""Requests to the app as attackers write them: over HTTP, to its endpoints and to the page's own events; and what it answers."""

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from app_server import shared_app, shared_app_pid

API = "/gradio_api"
ALERT = re.compile(r'<(\w+) role="alert">(.*?)</\1>', re.DOTALL)


@dataclass(frozen=True)
class File:
    """An argument that is uploaded first."""

    data: bytes
    name: str


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        words: the sentence, where something was refused; empty for a result.
        status: of the request that asked.
        raw: everything that came, as text.
    """

    words: str
    status: int
    raw: str


@cache
def client() -> httpx.Client:
    """One connection for all."""
    return httpx.Client(base_url=shared_app(), timeout=120)


@cache
def page() -> dict[str, Any]:
    """The page as a browser gets it."""
    return client().get("/config").json()


def uploaded(file: File) -> dict[str, Any]:
    """A file as an argument."""
    answer = client().post(f"{API}/upload", files={"files": (file.name, file.data)})
    answer.raise_for_status()
    return {"path": answer.json()[0], "orig_name": file.name, "meta": {"_type": "gradio.FileData"}}


def sent(value: Any) -> Any:
    """An argument: made, if it is made only where it is needed, and its file uploaded."""
    value = value() if callable(value) else value
    return uploaded(value) if isinstance(value, File) else value


def post(path: str, body: bytes | str, **headers: str) -> Answer:
    """A request as it is."""
    given = client().post(f"{API}{path}", content=body, headers={"Content-Type": "application/json"} | headers)
    if given.is_success and "event_id" in given.text:
        return heard(given, client().get(f"{API}/call/recognize_strokes/{given.json()['event_id']}").text)
    detail = given.json().get("detail") if given.headers.get("content-type", "").startswith("application/json") else given.text
    return Answer("" if given.is_success else str(detail), given.status_code, given.text)


def call(endpoint: str, arguments: dict[str, Any]) -> Answer:
    """An endpoint by its name."""
    body = json.dumps({name: sent(value) for name, value in arguments.items()})
    return post(f"/call/v2/{endpoint}", body)


def heard(asked: httpx.Response, stream: str) -> Answer:
    """The end of an event stream of an endpoint."""
    kind, _, data = stream.strip().rpartition("event: ")[2].partition("\ndata: ")
    if kind != "error":
        return Answer("", asked.status_code, stream)
    said = json.loads(data)
    return Answer(str(said["error"] if isinstance(said, dict) else said), asked.status_code, stream)


def do(event: str, changes: dict[str, Any], event_data: Any = None, session: str | None = None) -> Answer:
    """An event of the page, ``"pen-go.click"``: what its controls say, but for the changes, by their ids or labels."""
    components = {component["id"]: component["props"] | {"type": component["type"]} for component in page()["components"]}
    name, _, trigger = event.partition(".")
    dependency = next(
        dependency
        for dependency in page()["dependencies"]
        for target, kind in dependency["targets"]
        if kind == trigger and components.get(target, {}).get("elem_id") == name
    )
    values, names = [], set()
    for number in dependency["inputs"]:
        known = {components[number].get("elem_id"), components[number].get("label")} & changes.keys()
        values.append(sent(changes[next(iter(known))]) if known else components[number].get("value"))
        names |= known
    assert names == changes.keys(), f"{event} has no {changes.keys() - names}"
    session = session or uuid4().hex
    body = {"data": values, "fn_index": dependency["id"], "session_hash": session, "event_data": event_data, "trigger_id": None}
    asked = client().post(f"{API}/queue/join", content=json.dumps(body), headers={"Content-Type": "application/json"})
    if not asked.is_success:
        return Answer(str(asked.json()["detail"]), asked.status_code, asked.text)
    last: dict[str, Any] = {}
    shown = []
    with client().stream("GET", f"{API}/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line[5:]) if line.startswith("data:") else {}
            if message.get("msg") in ("process_generating", "process_completed"):
                last = message
                shown.append(line)
            if message.get("msg") in ("process_completed", "close_stream", "unexpected_error"):
                break
    raw = "\n".join(shown)
    if not last.get("success"):
        return Answer(str((last.get("output") or {}).get("error")), asked.status_code, raw)
    alert = ALERT.search(raw.replace('\\"', '"'))
    return Answer(unescape(alert[2]) if alert else "", asked.status_code, raw)


def memory(field: str = "VmRSS") -> float:
    """Megabytes that the app takes."""
    status = Path(f"/proc/{shared_app_pid()}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024


def forget_peak() -> None:
    """Let the peak of the app's memory, ``memory("VmHWM")``, begin anew."""
    Path(f"/proc/{shared_app_pid()}/clear_refs").write_text("5")


def seconds() -> float:
    """How long the app has kept the processor busy."""
    fields = Path(f"/proc/{shared_app_pid()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
