"""The short way for programs: calls of endpoints are answered past Gradio's queue, in its own words.

Gradio's queue is made for pages: it keeps a session for every caller, tells everybody who waits how far everybody is, and asks every
millisecond whether there is something to do. For a crowd of programs that is most of the work. Here a call is a task that waits for its
turn, and then the function runs in a thread, once and for all. gradio_client, its JavaScript sister and curl can't tell the
difference: addresses, messages and their order are Gradio's.

Programs take turns among themselves, as many at once as the endpoint's ``concurrency_limit`` says for all with its ``concurrency_id``, and
don't stand in the way of the visitors of the page. Every session that the page knows stays in Gradio's queue.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cached_property
from typing import Any

import gradio as gr
from fastapi import HTTPException
from gradio.block_function import BlockFunction
from gradio.context import LocalContext
from gradio.data_classes import PredictBody
from gradio.route_utils import API_PREFIX, get_api_call_path, get_root_url
from gradio.server_messages import (
    CloseStreamMessage,
    EstimationMessage,
    EventMessage,
    HeartbeatMessage,
    ProcessCompletedMessage,
    ProcessStartsMessage,
)
from gradio.utils import error_payload, get_heartbeat_rate
from gradio_client.utils import construct_args
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hwr.system.deadline import Deadline
from hwr.ui.calls import Call, Lane, Outcome, Session, as_event, as_stream, packed, told_once, told_to_clients
from hwr.ui.door import COMPUTING_SECONDS, NO_DATA, REQUEST_SECONDS, refuse, told, wrong_arguments
from hwr.ui.guard import check_arguments

MAX_WAITING = 400
"""Calls that wait for their turn; further ones are refused."""
KEPT = 400
"""Answers that wait to be fetched; the oldest go first."""
_CALL = re.compile(rf"{API_PREFIX}/call/(v2/)?(\w+)(?:/(\w+))?/?$")
_TOO_MANY = "Too many requests are waiting. Try again in a minute."
_NO_ANSWER = "There is no answer of that name: it was never asked for, or it was fetched already, or too long ago."


class Programs:
    """ASGI middleware that answers calls of endpoints, and hands everything else on.

    Args:
        app: that of the page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.calls: OrderedDict[str, Call] = OrderedDict()
        self.sessions: dict[str, Session] = {}
        self.under_way = 0
        self.page: gr.Blocks | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application."""
        if scope["type"] != "http" or (answer := self._answer_of(scope)) is None:
            return await self.app(scope, receive, send)
        self.page = self.page or scope["app"].get_blocks()
        request = Request(scope, receive)
        try:
            response = await answer(request)
        except ClientDisconnect:
            return None
        except HTTPException as error:
            response = JSONResponse({"detail": error.detail}, error.status_code)
        if response is None:
            return await self.app(scope, _again(await request.body(), receive), send)
        return await response(scope, receive, send)

    def _answer_of(self, scope: Scope) -> Callable[[Request], Any] | None:
        """What answers a request; it gives None for one that is the page's after all."""
        path = scope["path"]
        place = path.find(API_PREFIX)
        if place < 0:
            return None
        path, post = path[place:], scope["method"] == "POST"
        if call := _CALL.match(path):
            if post and not call[3]:
                return lambda request: self._posted(request, call[2], named=bool(call[1]))
            return (lambda request: self._fetched(call[2], call[3])) if call[3] and scope["method"] == "GET" else None
        return {
            (f"{API_PREFIX}/queue/join", True): self._joined,
            (f"{API_PREFIX}/queue/data", False): self._streamed,
            (f"{API_PREFIX}/cancel", True): self._cancelled,
            (f"{API_PREFIX}/reset", True): self._cancelled,  # which is what gradio_client sends
        }.get((path.rstrip("/"), post))

    @cached_property
    def functions(self) -> dict[int, BlockFunction]:
        """Those that are answered here, by their numbers."""
        assert self.page is not None
        return {
            number: function
            for number, function in self.page.fns.items()
            if function.api_visibility == "public" and not function.preprocess
        }

    @cached_property
    def lanes(self) -> dict[str, Lane]:
        """What takes turns, by ``concurrency_id``."""
        limits = {function.concurrency_id: function.concurrency_limit for function in self.functions.values()}
        return {
            name: Lane(asyncio.Semaphore(limit), ThreadPoolExecutor(limit, name))
            for name, limit in limits.items()
            if isinstance(limit, int)
        }

    @cached_property
    def names(self) -> dict[str, int]:
        """Numbers of the functions by the names of their endpoints."""
        return {str(function.api_name): number for number, function in self.functions.items()}

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Of the endpoints, by their names."""
        assert self.page is not None
        endpoints = self.page.get_api_info()["named_endpoints"]
        return {name: endpoints[f"/{name}"]["parameters"] for name in self.names}

    # --- requests ---

    async def _posted(self, request: Request, name: str, named: bool) -> Response | None:
        """A call by the endpoint's name, its arguments in a list or by their names."""
        if name not in self.names:
            return None
        sent = _parsed(await request.body())
        if named:
            if not isinstance(sent, dict):
                raise HTTPException(400, wrong_arguments("the arguments must be a JSON object"))
            try:
                sent = {"data": construct_args(self.parameters[name], (), sent)}
            except TypeError as error:
                raise HTTPException(400, wrong_arguments(str(error))) from None
        body = _validated(sent)
        body.fn_index = self.names[name]
        return self._started(request, body, simple=True)

    async def _joined(self, request: Request) -> Response | None:
        """A call by the endpoint's number, as the clients of Gradio send it."""
        sent = _parsed(await request.body())
        if not isinstance(sent, dict) or not isinstance(sent.get("fn_index"), int) or sent["fn_index"] not in self.functions:
            return None
        body = _validated(sent)
        assert self.page is not None
        if not body.session_hash or body.session_hash in self.page.state_holder:
            return None
        return self._started(request, body, simple=False)

    async def _fetched(self, endpoint: str, name: str) -> Response | None:
        """The answer to a call by name."""
        if endpoint not in self.names:
            return None
        call = self.calls.get(name)
        if call is None or call.task is None or not call.simple:
            return as_stream(as_event("error", {"error": _NO_ANSWER}))
        if call.task.done():
            del self.calls[name]
            return as_stream(told_once(call.task))
        return StreamingResponse(self._awaited(call, call.task), media_type="text/event-stream")

    async def _streamed(self, request: Request) -> Response | None:
        """What becomes of all calls of a session."""
        name = request.query_params.get("session_hash", "")
        if name not in self.sessions:
            return None
        return StreamingResponse(self._messages(name), media_type="text/event-stream")

    async def _cancelled(self, request: Request) -> Response | None:
        """Nobody wants to know any more."""
        sent = _parsed(await request.body())
        call = self.calls.get(str(sent.get("event_id"))) if isinstance(sent, dict) else None
        if call is None:
            return None
        self._give_up(call)
        self._tell(call, ProcessCompletedMessage(output={}, success=True))
        return JSONResponse({"success": True})

    # --- calls ---

    def _started(self, request: Request, body: PredictBody, *, simple: bool) -> Response:
        assert self.page is not None
        refuse(self.functions, body)
        if self.under_way >= MAX_WAITING:
            raise HTTPException(503, _TOO_MANY)
        root = get_root_url(request, get_api_call_path(request), request.app.root_path)
        call = Call(self.functions[body.fn_index or 0], body.data, root, body.session_hash or "", simple)
        self.calls[call.id] = call
        if not simple:
            session = self.sessions.setdefault(call.session_name, Session())
            session.waiting.add(call.id)
            self._tell(call, EstimationMessage(rank=self.under_way, queue_size=self.under_way + 1))
        self.under_way += 1
        call.task = asyncio.create_task(self._run(call))
        call.task.add_done_callback(self._ended)
        return JSONResponse({"event_id": call.id})

    def _ended(self, _: asyncio.Task[Outcome]) -> None:
        """Let go of answers that nobody came for, and of the sessions that they were for."""
        self.under_way -= 1
        if len(self.calls) > self.under_way + KEPT:
            finished = (call for call in self.calls.values() if call.task is not None and call.task.done())
            del self.calls[next(finished).id]
        if len(self.sessions) > self.under_way + KEPT:
            idle = (name for name, session in self.sessions.items() if self.calls.keys().isdisjoint(session.waiting))
            del self.sessions[next(idle)]

    async def _run(self, call: Call) -> Outcome:
        """Wait for a turn, and run the function."""
        loop, lane = asyncio.get_running_loop(), self.lanes[call.function.concurrency_id]
        async with lane.turns:
            self._tell(call, ProcessStartsMessage())
            outcome = await loop.run_in_executor(lane.threads, copy_context().run, self._outcome, call)
        self._tell(call, ProcessCompletedMessage(**vars(outcome)))
        if not call.simple:
            self.calls.pop(call.id, None)
        return outcome

    def _outcome(self, call: Call) -> Outcome:
        """Run the function, and pack what it returns as Gradio does."""
        assert self.page is not None
        assert call.function.fn is not None
        LocalContext.blocks.set(self.page)
        outputs, start = call.function.outputs, time.monotonic()
        try:
            check_arguments(call.data)
            with call.deadline, Deadline(REQUEST_SECONDS, COMPUTING_SECONDS):
                given = call.function.fn(*call.data[: len(call.function.inputs)])  # Gradio overlooks what is too many
                values = [given] if len(outputs) == 1 else given
                data = [packed(block, value, call.root) for block, value in zip(outputs, values, strict=True)]
        except Exception as error:
            payload = error_payload(gr.Error(told(error)), self.page.show_error)
            return Outcome(False, payload, "Error")
        output = {"data": data, "is_generating": False, "duration": time.monotonic() - start}
        return Outcome(True, output | {"average_duration": None, "render_config": None, "changed_state_ids": []})

    def _tell(self, call: Call, message: EventMessage) -> None:
        if (session := self.sessions.get(call.session_name)) is not None and not call.simple:
            message.event_id = call.id
            session.messages.put_nowait(message)

    def _give_up(self, call: Call) -> None:
        self.calls.pop(call.id, None)
        call.deadline.stop()
        if call.task is not None:
            call.task.cancel()

    # --- streams ---

    async def _awaited(self, call: Call, task: asyncio.Task[Outcome]) -> AsyncIterator[str]:
        """The answer to a call, and a sign of life now and then; a caller who leaves ends the call."""
        try:
            while not (await asyncio.wait({task}, timeout=get_heartbeat_rate()))[0]:
                yield as_event("heartbeat", None)
            yield told_once(task)
        finally:
            self._give_up(call)

    async def _messages(self, name: str) -> AsyncIterator[str]:
        """What becomes of the calls of a session, until there are none; a caller who leaves ends them."""
        session = self.sessions[name]
        try:
            while True:
                try:
                    message: EventMessage = await asyncio.wait_for(session.messages.get(), get_heartbeat_rate())
                except TimeoutError:
                    message = HeartbeatMessage()
                yield told_to_clients(message)
                if isinstance(message, ProcessCompletedMessage):
                    session.waiting.discard(str(message.event_id))
                    if not session.waiting:
                        self.sessions.pop(name, None)
                        yield told_to_clients(CloseStreamMessage())
                        return
        finally:
            if self.sessions.get(name) is session:
                del self.sessions[name]
            for call in [self.calls[key] for key in session.waiting if key in self.calls]:
                self._give_up(call)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, NO_DATA) from None


def _validated(sent: Any) -> PredictBody:
    try:
        return PredictBody.model_validate(sent)
    except ValidationError:
        raise HTTPException(400, NO_DATA) from None


def _again(body: bytes, receive: Receive) -> Receive:
    """What receives a body that was read already."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received
