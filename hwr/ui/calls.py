"""A call of an endpoint by a program, where it waits for its turn, and what its caller is told, in Gradio's words."""

from __future__ import annotations

import asyncio
import json
import math
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import orjson
from gradio.block_function import BlockFunction
from gradio.processing_utils import add_root_url, move_files_to_cache
from gradio.server_messages import EventMessage
from pydantic import BaseModel
from starlette.responses import Response

from hwr.system.deadline import Deadline


@dataclass(eq=False)
class Session:
    """What a caller is told of the calls that it has under way."""

    messages: asyncio.Queue[EventMessage] = field(default_factory=asyncio.Queue)
    waiting: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Call:
    """An endpoint, called."""

    function: BlockFunction
    data: list[Any]
    root: str  # address of the server, as the caller sees it
    session_name: str
    simple: bool  # whether the answer is fetched by the call's own address
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    deadline: Deadline = field(default_factory=lambda: Deadline(math.inf))  # to be stopped; how long it may take is for the function
    task: asyncio.Task[Outcome] | None = None


@dataclass(frozen=True)
class Lane:
    """Where calls wait for their turn, and the threads that they run in then."""

    turns: asyncio.Semaphore
    threads: ThreadPoolExecutor


@dataclass(frozen=True)
class Outcome:
    """What became of a call; ``output`` is JSON-able."""

    success: bool
    output: dict[str, Any]
    title: str | None = None


def told_once(task: asyncio.Task[Outcome]) -> str:
    """What became of a call by name, for who asks for just that."""
    if task.cancelled() or task.exception() is not None:
        return as_event("error", None)
    done = task.result()
    return as_event("complete", done.output["data"]) if done.success else as_event("error", done.output)


def packed(block: Any, value: Any, root: str) -> Any:
    """A value of an output component, as a client gets it."""
    value = add_root_url(move_files_to_cache(block.postprocess(value), block, postprocess=True), root, None)
    return value.model_dump() if isinstance(value, BaseModel) else value


def as_event(event: str, data: Any) -> str:
    """A server-sent event."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n"


def told_to_clients(message: EventMessage) -> str:
    """A message, as the clients of Gradio read it."""
    return f"data: {orjson.dumps(message.model_dump(), default=str).decode()}\n\n"


def as_stream(text: str) -> Response:
    """All events at once."""
    return Response(text, media_type="text/event-stream")
