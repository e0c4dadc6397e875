"""Call any endpoint as a tool, by the Model Context Protocol, as assistants do.

pip install mcp
python call_mcp.py http://127.0.0.1:7860 write_pen '{"text": "Dear Zoe", "style": 17}'
"""

import asyncio
import base64
import json
import mimetypes
import sys
from pathlib import Path

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


async def call(address: str, tool: str, arguments: str, *files: str) -> None:
    """Print what the tool says, and save the pictures that it gives."""
    given = json.loads(arguments)
    for name in [name for name, value in given.items() if value == "FILE"]:
        kind = mimetypes.guess_type(files[0])[0] or "application/octet-stream"
        given[name] = f"data:{kind};base64,{base64.b64encode(Path(files[0]).read_bytes()).decode()}"
    async with streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        answer = await session.call_tool(tool, given)
    for number, part in enumerate(answer.content, start=1):
        if part.type == "image":
            path = Path(f"answer-{number}{mimetypes.guess_extension(part.mimeType)}")
            path.write_bytes(base64.b64decode(part.data))
            print(path)
        else:
            print(part.text)
    sys.exit(answer.isError)


asyncio.run(call(*sys.argv[1:]))
