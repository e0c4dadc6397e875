"""What an error that somebody foresaw looks like."""

import re

from hwr.ui.guard import UNEXPECTED

A_SENTENCE = rf"^(?!{re.escape(UNEXPECTED[:20])})(?=.*\w.{{8,}}\.)"
"""A sentence for people, and not the one that stands for a crash."""
