"""How the page is served: what Gradio is told at its launch, and what stands in the place of its own parts."""

import threading
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import gradio as gr

from hwr.system.later import Later
from hwr.ui.door import app_options
from hwr.ui.head import Head
from hwr.ui.openapi import Described
from hwr.ui.programs import Programs
from hwr.ui.sessions import Sessions
from hwr.ui.theme import style_sheet, theme
from hwr.ui.tools import improve

MAX_FILE_SIZE = "100mb"


def launch_options() -> dict[str, Any]:
    """Arguments for ``launch()``, where Gradio takes what belongs to the whole page."""
    return {
        "theme": theme(),
        "css": style_sheet(),
        "favicon_path": str(files("hwr.ui").joinpath("brand", "mark.svg")),
        "max_file_size": MAX_FILE_SIZE,
        "footer_links": ["api", "gradio", "settings"],
        "run_history": False,  # it would keep people's drawings in their browser
        "enable_monitoring": False,
        "ssr_mode": False,
        "mcp_server": True,
        "app_kwargs": app_options(Head, Described, Programs),
    }


def serve(demo: gr.Blocks, later: Sequence[Later] = ()) -> None:
    """Serve a page until the process ends, and make what it needs later while the first visitor still looks around."""
    demo.launch(prevent_thread_lock=True, **launch_options())
    sessions = Sessions()
    sessions.set_blocks(demo)
    demo.app.state_holder = sessions
    improve(demo.mcp_server_obj)
    threading.Thread(target=lambda: [each.made() for each in later], daemon=True).start()
    demo.block_thread()
