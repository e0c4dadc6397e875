"""What the server remembers of its callers: of visitors, what they did last; of programs, next to nothing.

Gradio makes a session for every request that names none, as programs send them, and keeps 10,000; in each it copies the configuration of
every component of the page, which only its deep links need, and this page has none. Here the copy is left out, and sessions that hold no
state make room first: a crowd of programs can't push a visitor out, and memory stays flat.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from gradio.state_holder import SessionState, StateHolder

if TYPE_CHECKING:
    import gradio as gr

VISITORS = 1000
"""Sessions with state that are kept; the one that was used longest ago goes first."""
PROGRAMS = 64
"""Sessions without state that are kept."""


class LeanSession(SessionState):
    """A session without the copy of all components' configuration."""

    def __init__(self, blocks: gr.Blocks) -> None:
        # The parent copies the configuration of what it finds in ``blocks``.
        super().__init__(cast("Any", SimpleNamespace(default_config=blocks.default_config, blocks=())))

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Keep no copy of what a component shows either."""

    def _update_config(self, key: int) -> None:
        """As above."""


class Sessions(StateHolder):
    """Gradio's sessions, lean and few."""

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = LeanSession(self.blocks)
        return super().__getitem__(session_id)

    def update(self, session_id: str) -> None:
        """Note that a session is used, and let go of those that are too many."""
        with self.lock:
            if session_id in self.session_data:
                self.session_data.move_to_end(session_id)
            if len(self.session_data) <= PROGRAMS:
                return
            programs = [key for key, session in self.session_data.items() if not session.state_data]
            visitors = len(self.session_data) - len(programs)
            gone = programs[: max(0, len(programs) - PROGRAMS)]
            if visitors > VISITORS:
                gone += [key for key, session in self.session_data.items() if session.state_data][: visitors - VISITORS]
            for key in gone:
                if key != session_id:
                    self.session_data.pop(key, None)
                    self.time_last_used.pop(key, None)
                    if not (queue := self.blocks._queue).pending_event_ids_session.get(key):
                        queue.pending_event_ids_session.pop(key, None)
                        queue.pending_messages_per_session.pop(key, None)
