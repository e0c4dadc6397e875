"""The endpoints as tools of a language model, by the Model Context Protocol (MCP): Gradio's server of it, made to be understood.

Gradio's own tells a model nothing of what arguments mean, has it read Python instead of JSON, takes addresses that this server doesn't
fetch, gives several outputs as one text, pictures lost in it, and makes all calls with one client, which loses an answer now and then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx
from gradio.mcp import GradioMCPServer
from gradio.processing_utils import save_base64_to_cache
from gradio.route_utils import API_PREFIX
from gradio.utils import get_upload_folder
from gradio_client import handle_file
from gradio_client.utils import is_file_obj_with_meta

from hwr.errors import InputError
from hwr.ui.guard import UNEXPECTED

if TYPE_CHECKING:
    from mcp.types import ImageContent, TextContent

_FILE = (
    "A data URL (data:image/png;base64,...), or the path or address that an upload to this server's /gradio_api/upload gave. "
    "Other addresses are not fetched."
)
_NO_FILE = f"That is no file. {_FILE}"
_DATA = re.compile(r"data:[\w.+-]+/[\w.+-]+;(?:[^,]*;)?base64,.")
_UPLOADED = re.compile(r"https?://[^?#]*/gradio_api/file=([^?#]+)")


class Tools(GradioMCPServer):
    """Gradio's server; make one of its own by :func:`improve`."""

    def get_fn_description(self, block_fn: Any, tool_name: str) -> tuple[str, dict[str, str]]:
        """What a tool does, and what its arguments mean: what programs are told of the endpoint."""
        parameters = self._endpoint(tool_name)["parameters"]
        return block_fn.api_description, {each["parameter_name"]: each["label"] for each in parameters}

    def get_input_schema(self, tool_name: str, parameters: dict[str, str] | None = None) -> tuple[dict[str, Any], list[list[str | int]]]:
        """JSON schema of a tool's arguments, and which of them are files."""
        schema, files = super().get_input_schema(tool_name, parameters)
        for each in self._endpoint(tool_name)["parameters"]:
            name = each["parameter_name"]
            label, kept = f"{each['label']}.", schema["properties"][name]
            if [name] in files:
                kept = {"type": "string"}
                label += f" {_FILE}"
            kept.pop("additional_description", None)
            if each.get("parameter_has_default") and each["parameter_default"] is not None:
                kept["default"] = each["parameter_default"]
            elif each.get("parameter_has_default"):
                label += " May be left out."
            schema["properties"][name] = kept | {"description": label}
        return schema | {"additionalProperties": False}, files

    def convert_strings_to_filedata(self, value: Any, filedata_positions: list[list[str | int]]) -> Any:
        """Arguments with the files that a model sent or named.

        Raises:
            InputError: what stands for a file is none.
        """
        files = {str(position[0]) for position in filedata_positions}
        return {name: _file(given) if name in files and given is not None else given for name, given in value.items()}

    def postprocess_output_data(self, data: Any, root_url: str) -> list[TextContent | ImageContent]:
        """What a model is given: pictures as such and by their addresses, other files by their addresses, everything else as JSON."""
        parts: list[TextContent | ImageContent] = []
        for output in data:
            if isinstance(output, list) and any(map(is_file_obj_with_meta, output)):  # several files
                parts += self.postprocess_output_data(output, root_url)
            elif is_file_obj_with_meta(output):
                parts += super().postprocess_output_data([output], root_url)
            else:
                parts.append(self.types.TextContent(type="text", text=json.dumps(output, ensure_ascii=False)))
        return parts

    # --- calling ---

    def _get_or_create_client(self) -> Any:
        return self

    def submit(self, *arguments: Any, api_name: str, headers: dict[str, str]) -> tuple[str, list[Any]]:
        """A call that is still to be made; in the place of a client's method."""
        return api_name, list(arguments)

    async def _execute_tool_without_progress(self, job: tuple[str, list[Any]]) -> list[Any]:
        """Call an endpoint of this server as curl would: it takes its turn with those of all other programs.

        Raises:
            InputError: what the endpoint refuses, in its words.
        """
        name, arguments = job
        url = f"{(self.local_url or '').rstrip('/')}{API_PREFIX}/call{name}"
        async with httpx.AsyncClient(timeout=None, trust_env=False) as client:  # the endpoint knows how long it may take
            posted = await client.post(url, json={"data": arguments})
            if posted.is_error:
                raise InputError(posted.json()["detail"])
            answer = (await client.get(f"{url}/{posted.json()['event_id']}")).text
        event, data = re.findall(r"^event: (\w+)\ndata: (.*)$", answer, re.MULTILINE)[-1]
        if event != "complete":
            raise InputError((json.loads(data) or {}).get("error") or UNEXPECTED)
        return json.loads(data)

    async def _execute_tool_with_progress(self, job: tuple[str, list[Any]], progress_token: str | int) -> Any:
        """As above: calls take a second, and have no progress to speak of."""
        return await self._execute_tool_without_progress(job)

    def _endpoint(self, tool_name: str) -> Mapping[str, Any]:
        return self.api_info["named_endpoints"][self.tool_to_endpoint[tool_name]]


def improve(server: GradioMCPServer | None) -> None:
    """Make Gradio's own server one of these: it has nothing that these haven't, and Gradio lets nobody choose."""
    assert server is not None
    server.__class__ = Tools


def _file(given: Any) -> Any:
    """What stands for a file, as Gradio's client takes it; nothing else of this server is within reach."""
    try:
        if _DATA.match(given):
            return handle_file(save_base64_to_cache(given, get_upload_folder()))
        found = _UPLOADED.fullmatch(given)
        path = Path(unquote(found[1]) if found else given)
        if path.is_file() and path.resolve().is_relative_to(Path(get_upload_folder()).resolve()):
            return handle_file(path)
    except (TypeError, ValueError, OSError) as error:
        raise InputError(_NO_FILE) from error
    raise InputError(_NO_FILE)
