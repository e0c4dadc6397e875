"""What the mode "Pen" of writing does: settings in, updates of what is shown out."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from hwr.errors import TimeUpError
from hwr.ink.moves import strokes_of
from hwr.paper.written_ink import Ink
from hwr.system.recent import Recent
from hwr.ui.guard import sentence, uploaded_path
from hwr.ui.inputs import picked
from hwr.ui.outputs import handed_out, stem
from hwr.ui.pad import from_value
from hwr.ui.pen.paper import Shown, update
from hwr.ui.templates import render
from hwr.ui.writing import css_colour, number, refused, told, whole

if TYPE_CHECKING:
    from hwr.predictors.pen import PenWriter, WritingProgress

SPECIMEN = "hand"
"""What the hands of the gallery show where there is no word yet."""
LONGEST_SPECIMEN = 14
"""Letters of a word that they show."""
_UNITS = 20  # of a drawing of the gallery to the core height


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the controls say, as it comes from a browser."""

    text: Any
    style: Any
    other: Any
    share_of_other: Any
    own: Any
    upload: Any
    neatness: Any
    looseness: Any
    slant: Any
    size: Any
    letter_spacing: Any
    drift: Any
    pen_width: Any
    pressure: Any
    seed: Any
    paper: Any
    ink_color: Any
    paper_color: Any
    verify: Any


@dataclass(frozen=True)
class Handlers:
    """The mode's handlers; none of them knows a component."""

    writer: PenWriter
    _words: Recent[tuple[Any, ...], Any] = field(default_factory=lambda: Recent(2000))  # of all visitors
    _galleries: Recent[str, str] = field(default_factory=lambda: Recent(12))

    def hand(self, settings: Settings) -> int | np.ndarray:
        """The hand to write in: that of an upload, of the pad, between two of the gallery, or of it."""
        strokes = from_value(settings.own)
        if settings.upload:
            return self.writer.encode(uploaded_path(settings.upload, "file of your ink"))
        if strokes:
            return self.writer.encode(strokes)
        if settings.share_of_other:
            hands = whole(settings.style, "hand"), whole(settings.other, "second hand")
            return self.writer.mix(*hands, number(settings.share_of_other, "share of the second hand"))
        return whole(settings.style, "hand")

    def steps(self, settings: Settings) -> Iterator[WritingProgress]:
        """The page as it grows; words that were drawn lately are there at once."""
        return self.writer.stream(
            settings.text,
            memory=self._words,
            style=self.hand(settings),
            neatness=settings.neatness,
            looseness=settings.looseness,
            slant=settings.slant,
            size=settings.size,
            letter_spacing=settings.letter_spacing,
            baseline_drift=settings.drift,
            stroke_width=settings.pen_width,
            pressure=settings.pressure,
            seed=whole(settings.seed, "seed"),
            paper=settings.paper,
            ink_color=css_colour(settings.ink_color),
            paper_color=css_colour(settings.paper_color),
            verify=bool(settings.verify),
        )

    def write(self, settings: Settings, shown: Shown | None) -> Generator[list[Any]]:
        """Updates of the paper, the report, the button for files, the files, and the memory of what the paper shows, again and again."""
        waiting = [gr.skip()] * 2
        step: WritingProgress | None = None
        notes: list[str] = []
        height = 0 if shown is None else shown.ink.size[1]
        try:
            for step in self.steps(settings):
                if step.done < step.total:
                    value, shown = update(shown, growing(step.ink, height))
                    yield [value, told([f"{step.done:,} of {step.total:,} words …"], spoken=False), *waiting, shown]
        except Exception as error:
            if step is None or not isinstance(error, TimeUpError):
                yield [gr.skip(), refused(sentence(error)), *waiting, gr.skip()]
                return
            notes = [f"Only the first {step.done:,} of {step.total:,} words are here. {error}"]
        assert step is not None
        value, shown = update(shown, step.ink)
        report = told([*notes, *step.ink.report.sentences()], spoken=bool(notes))
        yield [value, report, gr.update(interactive=True), gr.update(value=None, visible=False), shown]

    def again(self, shown: Shown | None) -> list[Any]:
        """The whole page for a paper that shows something else; and the memory of that."""
        return [gr.skip()] * 2 if shown is None else list(update(None, shown.ink))

    def all_files(self, shown: Shown | None) -> Any:
        """The text as files of every kind."""
        return gr.skip() if shown is None else gr.update(value=files_of(shown.ink), visible=True)

    def pick(self, event: gr.EventData) -> list[Any]:
        """A hand of the gallery was chosen: nothing of a second hand, of the pad or of an upload is left."""
        return [picked(event, len(self.writer.gallery)), 0, "[]", None]

    def specimens(self, text: Any) -> str:
        """Buttons that show the first word of a text in each hand of the gallery."""
        return self._gallery(str(text or "")[:1000].split()[:1])

    def specimens_of_word(self, event: gr.EventData) -> str:
        """The same of a word that a browser asks for."""
        said = getattr(event, "_data", None)
        word = said.get("word") if isinstance(said, dict) else None
        return self._gallery([word] if isinstance(word, str) else [])

    def _gallery(self, words: list[str]) -> str:
        known = set(self.writer.network.charset)
        word = "".join(char for char in (words or [SPECIMEN])[0] if char in known)[:LONGEST_SPECIMEN] or SPECIMEN
        return self._galleries.made(word, lambda: gallery_of(self.writer, word))


def growing(ink: Ink, height: int) -> Ink:
    """A page to which more will come, no longer than what is on it, or than the one before it: so that the paper doesn't jump."""
    bottom = max((letter.box[3] for letter in ink.letters), default=0.0)
    return replace(ink, size=(ink.size[0], max(height, int(bottom + 2 * ink.core))))


def files_of(written: Ink) -> list[str]:
    """The text as files of every kind."""
    name = stem(written.text)
    return [
        handed_out(f"{name}.svg", written.save),
        handed_out(f"{name}-plotter.svg", lambda path: written.save(path, single_line=True)),
        *(handed_out(f"{name}.{kind}", written.save) for kind in ("png", "gif", "json", "inkml")),
    ]


def gallery_of(writer: PenWriter, word: str) -> str:
    """Buttons that show a word in each hand of the gallery."""
    styles = np.stack([hand.style for hand in writer.gallery])
    hands = []
    for hand, written in zip(writer.gallery, writer.sample([word] * len(styles), styles), strict=True):
        strokes = [np.round(stroke * _UNITS).astype(int) for stroke in strokes_of(written.path)[0]]
        points = np.concatenate(strokes)
        low, extent = points.min(0) - 3, np.ptp(points, axis=0) + 6
        lines = [" ".join(f"{x},{y}" for x, y in stroke) for stroke in strokes]
        hands.append({"name": hand.name, "lines": lines, "box": f"{low[0]} {low[1]} {extent[0]} {extent[1]}"})
    return render("drawings.html", label="Hands", kind="hwr-hands", stroke_width="2.6", drawings=hands, titled=True, word=word)
