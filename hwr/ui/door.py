"""What every request passes on its way in, and every error on its way out, whichever event or endpoint it is for.

Gradio answers what it did not foresee with a bare "error" or "Internal Server Error", fetches addresses that strangers send in the place of
files, and reads bodies of any size. Here all of that is one sentence, before any work.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import fastapi
import gradio as gr
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from gradio.block_function import BlockFunction
from gradio.data_classes import PredictBody, PredictBodyInternal
from gradio.exceptions import InvalidPathError
from gradio.route_utils import FnIndexInferError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hwr.system.deadline import Deadline
from hwr.ui.guard import NO_UPLOAD, UNEXPECTED, check_arguments, sentence

MAX_BODY_BYTES = 5_000_000
"""Of a request that is no upload: 20,000 points of a drawing take a tenth of it."""
MAX_UPLOAD_BYTES = 101 * 1024 * 1024
"""Of an upload, with what stands around the file."""
MAX_SESSION_NAME = 200
"""Characters of the name that a caller gives its session, which is remembered."""
REQUEST_SECONDS = 120
COMPUTING_SECONDS = 8
"""How long an event or endpoint may take, by the clock and of a processor, if it doesn't set limits of its own."""
_HELP = "How to call the endpoints is said at /?view=api."
_NO_ENDPOINT = f"There is no such endpoint. {_HELP}"
NO_DATA = f'Send a JSON object with a list "data" that holds the arguments. {_HELP}'


class Page(gr.Blocks):
    """``gr.Blocks`` whose events and endpoints answer whatever goes wrong with a sentence."""

    def queue(self, *args: Any, **options: Any) -> Page:
        """As its parent, but what can't be run is refused before it waits."""
        super().queue(*args, **options)
        self._queue.ANALYTICS_MAX_EVENTS = 0  # statistics of the last 10,000 events, made anew after each, for a page that is turned off
        push = self._queue.push

        async def admit(body: PredictBodyInternal, request: fastapi.Request, username: str | None) -> Any:
            refuse(self.fns, body)
            return await push(body, request, username)

        self._queue.push = admit
        return self

    async def process_api(self, block_fn: Any, inputs: list[Any], *args: Any, **options: Any) -> dict[str, Any]:
        """As its parent, but in bounded time, and every error is a ``gr.Error`` with a sentence."""
        try:
            check_arguments(inputs)
            with Deadline(REQUEST_SECONDS, COMPUTING_SECONDS):
                return await super().process_api(block_fn, inputs, *args, **options)
        except Exception as error:
            words = told(error)
        # Out here, where no other error hangs on to it with all the pictures of its frames: the queue keeps it for a while.
        raise gr.Error(words, print_exception=False)


def told(error: Exception) -> str:
    """What a caller is told of an error."""
    if isinstance(error, gr.Error):  # Gradio's own sentences
        return error.message
    if isinstance(error, InvalidPathError | ValidationError):  # a file of the server, or what is no file at all
        return NO_UPLOAD
    return sentence(error)


def refuse(functions: dict[int, BlockFunction], body: PredictBody) -> None:
    """Refuse a call of what isn't there, or without its arguments.

    Args:
        functions: of the page, by their numbers.
        body: of the request.

    Raises:
        fastapi.HTTPException: 400 or 404, with a sentence.
    """
    if len(body.session_hash or "") > MAX_SESSION_NAME:
        raise fastapi.HTTPException(400, f"session_hash has more than {MAX_SESSION_NAME} characters. Send a short one, or none.")
    function = functions.get(-1 if body.fn_index is None else body.fn_index)
    if function is None:
        raise fastapi.HTTPException(404, _NO_ENDPOINT)
    if not function.cancels and len(body.data) < len(function.inputs):
        raise fastapi.HTTPException(400, _missing(function, len(body.data)))


def _missing(function: BlockFunction, count: int) -> str:
    if function.api_visibility == "private" or function.fn is None:
        return "The page sent less than it should. Load it again."
    names = ", ".join(inspect.signature(function.fn).parameters)
    return f"{function.api_name} needs all its arguments, in this order: {names}. {count} came. {_HELP}"


class BodyLimit:
    """ASGI middleware that reads no more of a request than one may send."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = MAX_UPLOAD_BYTES if scope["path"].rstrip("/").endswith("/upload") else MAX_BODY_BYTES
        words = f"The request is larger than the maximum allowed size of {limit / 1e6:.0f} MB. Send less at a time."
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            return await JSONResponse({"detail": words}, 413)(scope, receive, send)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise fastapi.HTTPException(413, words)
            return message

        return await self.app(scope, counted, send)


def _says(status: int, words: str) -> Callable[[fastapi.Request, Exception], JSONResponse]:
    return lambda request, error: JSONResponse({"detail": words}, status)


def _not_understood(request: fastapi.Request, error: Exception) -> JSONResponse:
    """Gradio's own code met a request that it did not foresee; ours runs where :class:`Page` watches."""
    if "/call/v2/" in request.url.path and isinstance(error, KeyError):
        return _says(404, _NO_ENDPOINT)(request, error)
    return JSONResponse({"detail": f"The server can make nothing of this request. {_HELP}"}, 400)


def wrong_arguments(words: str) -> str:
    """What is wrong with arguments that have names, from Gradio's own words."""
    return f"{words.split('. Please')[0][:300]}. {_HELP}"


def _refused(request: fastapi.Request, error: Exception) -> JSONResponse:
    """A refusal of our own, Gradio's, or FastAPI's of a body that is nested so deeply that its parser gives up."""
    assert isinstance(error, HTTPException)
    words = NO_DATA if error.detail == "There was an error parsing the body" else error.detail
    return JSONResponse({"detail": words}, error.status_code, headers=error.headers)


def _not_stored(request: fastapi.Request, error: Exception) -> JSONResponse:
    """An upload met a full disk."""
    return JSONResponse({"detail": sentence(error)}, 507)


def app_options(*inner: type) -> dict[str, Any]:
    """What the HTTP application of the page is made with, for ``launch(app_kwargs=...)``.

    Args:
        inner: ASGI middleware behind the door.
    """
    misunderstood = dict.fromkeys((LookupError, TypeError, ValueError, AttributeError, RecursionError), _not_understood)
    return {
        "middleware": [Middleware(kind) for kind in (BodyLimit, *inner)],
        "exception_handlers": {
            RequestValidationError: _says(400, NO_DATA),
            HTTPException: _refused,
            FnIndexInferError: _says(404, _NO_ENDPOINT),
            OSError: _not_stored,
            Exception: _says(500, UNEXPECTED),
        }
        | misunderstood,
    }
