"""The endpoints as OpenAPI 3.1, at ``/gradio_api/openapi.json``, for programs that make clients of it.

Gradio's own says of files that they are strings, of arguments neither which are needed nor what they mean, and of answers nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr
from gradio.route_utils import API_PREFIX, get_root_url
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from hwr.ui.guard import list_of, object_of
from hwr.ui.theme import PAGES
from hwr.version import __version__

PLACE = f"{API_PREFIX}/openapi.json"
_FILES = ("File", "Image")
_STRING = {"type": "string"}


class Described:
    """ASGI middleware that answers with the description, and hands everything else on.

    Args:
        app: that of the page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not scope["path"].endswith(PLACE):
            return await self.app(scope, receive, send)
        root = get_root_url(Request(scope), scope["path"], scope.get("root_path") or None).removesuffix(PLACE)
        return await JSONResponse(description(scope["app"].get_blocks(), root))(scope, receive, send)


def description(page: gr.Blocks, root: str) -> dict[str, Any]:
    """All public endpoints.

    Args:
        page: that has them.
        root: its address.
    """
    paths: dict[str, Any] = {f"{API_PREFIX}/upload": {"post": _upload()}}
    schemas: dict[str, Any] = {"Upload": _UPLOAD, "File": _FILE, "Refusal": object_of(detail="string"), "Error": object_of(error="string")}
    for path, endpoint in page.get_api_info()["named_endpoints"].items():
        name = path.removeprefix("/")
        schemas[f"{name}_arguments"] = _arguments(endpoint["parameters"])
        schemas[f"{name}_answer"] = _answer(endpoint["returns"])
        paths[f"{API_PREFIX}/call/v2/{name}"] = {"post": _call(name, endpoint["description"])}
        paths[f"{API_PREFIX}/call/{name}/{{event_id}}"] = {"get": _fetch(name)}
    about = PAGES[""]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "description": f"{about.description} An endpoint is called in two steps: POST its arguments, then GET the event named there.",
            "version": __version__,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


_META = {"type": "object", "properties": {"_type": {"const": "gradio.FileData"}}, "required": ["_type"]}
_UPLOAD = {
    "type": "object",
    "description": "A file that was uploaded",
    "properties": {"path": _STRING | {"description": f"What {API_PREFIX}/upload answered"}, "orig_name": _STRING, "meta": _META},
    "required": ["path", "meta"],
}
_FILE = {
    "type": "object",
    "description": "A file to fetch",
    "properties": {"path": _STRING, "url": _STRING | {"format": "uri"}, "orig_name": _STRING, "size": {"type": "integer"}, "meta": _META},
    "required": ["path", "url", "meta"],
}


def _arguments(parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    properties = {}
    for parameter in parameters:
        schema = _ref("Upload") if parameter["component"] in _FILES else _plain(parameter["type"])
        if parameter["parameter_has_default"] and parameter["parameter_default"] is None:
            schema = {"anyOf": [schema, {"type": "null"}]}
        schema |= {"description": parameter["label"]}
        if parameter["parameter_has_default"]:
            schema["default"] = parameter["parameter_default"]
        properties[parameter["parameter_name"]] = schema
    needed = [parameter["parameter_name"] for parameter in parameters if not parameter["parameter_has_default"]]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def _answer(returns: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    items = []
    for output in returns:
        schema = _plain(output["type"])
        if output["component"] in _FILES:
            schema = list_of(_ref("File")) if schema.get("type") == "array" else _ref("File")
        items.append(schema | {"description": output["label"]})
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what only Gradio's clients understand."""
    return {key: value for key, value in schema.items() if key != "additional_description"}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any], words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): _json(_ref("Refusal"), "What was wrong, in a sentence") for status in statuses}


def _upload() -> dict[str, Any]:
    form = object_of(files=list_of({"type": "string", "contentMediaType": "application/octet-stream"}))
    return {
        "operationId": "upload",
        "summary": "Upload files, to name them in arguments",
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}},
        "responses": {"200": _json(list_of(_STRING), "The path of each file")} | _refusals(400, 413),
    }


def _call(name: str, words: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": words.partition(":")[0].partition(". ")[0],
        "description": words,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(f"{name}_arguments")}}},
        "responses": {"200": _json(object_of(event_id="string"), "Where the answer will be")} | _refusals(400, 413, 503),
    }


def _fetch(name: str) -> dict[str, Any]:
    events = {
        "type": "string",
        "description": "Server-sent events: `heartbeat` now and then; in the end `complete` with the answer as JSON, or `error`.",
        "contentMediaType": "application/json",
        "contentSchema": {"oneOf": [_ref(f"{name}_answer"), _ref("Error")]},
    }
    return {
        "operationId": f"{name}_answer",
        "summary": f"The answer of {name}, once",
        "parameters": [{"name": "event_id", "in": "path", "required": True, "schema": _STRING}],
        "responses": {"200": {"description": "What became of the call", "content": {"text/event-stream": {"schema": events}}}},
    }
