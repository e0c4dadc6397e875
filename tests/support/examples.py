"""The drawings that the page offers to try: strokes by what they say."""

import json

from app_server import ROOT


def _strokes(name: str, key: str) -> dict[str, list]:
    return {each[key]: each["strokes"] for each in json.loads((ROOT / "hwr/ui" / name).read_text(encoding="utf-8"))}


CHARACTERS_DRAWN = _strokes("character/examples.json", "char")
WORDS_DRAWN = _strokes("text/examples.json", "text")
