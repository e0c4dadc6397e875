"""What the mode "Pixels" of writing does: settings in, updates of what is shown out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from hwr.ink.rendering import TEXT_PAD_SIZE, render
from hwr.ink.strokes import parse_strokes
from hwr.paper.written_pixels import PixelText
from hwr.ui.guard import sentence, uploaded_path
from hwr.ui.outputs import handed_out, stem
from hwr.ui.pad import from_value
from hwr.ui.writing import OWN_PEN_WIDTH, css_colour, number, refused, told, whole

if TYPE_CHECKING:
    from hwr.predictors.pixels import PixelWriter


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the controls say, as it comes from a browser."""

    text: Any
    seed: Any
    temperature: Any
    own: Any
    photo: Any
    size: Any
    paper: Any
    ink_color: Any
    paper_color: Any
    verify: Any


@dataclass(frozen=True)
class Last:
    """What was written last."""

    settings: Settings
    written: PixelText


@dataclass(frozen=True)
class Handlers:
    """The mode's handlers; none of them knows a component."""

    writer: PixelWriter

    def hand(self, settings: Settings) -> Any:
        """A picture of the hand to write in: the photo, or what is on the pad; None for the seed's."""
        strokes = from_value(settings.own)
        if settings.photo:
            return uploaded_path(settings.photo)
        return render(parse_strokes(strokes), TEXT_PAD_SIZE, OWN_PEN_WIDTH) if strokes else None

    def write(self, settings: Settings, last: Last | None) -> list[Any]:
        """Updates of the picture, its report, the two buttons, the animation and the memory of what was written.

        Where that is what is wanted, nothing is drawn.
        """
        if last is not None and last.settings == settings:
            return [gr.skip()] * 6
        bar = gr.Progress()
        try:
            written = self.writer.write(
                settings.text,
                seed=whole(settings.seed, "seed"),
                temperature=number(settings.temperature, "temperature"),
                style_image=self.hand(settings),
                verify=bool(settings.verify),
                size=whole(settings.size, "size"),
                ink_color=css_colour(settings.ink_color),
                paper_color=css_colour(settings.paper_color),
                paper=settings.paper,
                progress=lambda done, of: bar((done, of), desc="drawing", unit="characters"),
            )
            name = stem(settings.text)
            page = handed_out(f"{name}.png", written.image.save)
            download = page if len(written.pages) == 1 else handed_out(f"{name}.pdf", written.save)
        except Exception as error:
            return [gr.skip(), refused(sentence(error)), gr.skip(), gr.skip(), gr.skip(), gr.skip()]
        label = "Download PNG" if len(written.pages) == 1 else f"Download PDF ({len(written.pages)} pages)"
        return [
            page,
            told(written.report.sentences()),
            gr.update(value=download, label=label, interactive=True),
            gr.update(interactive=True),
            gr.update(value=None, visible=False),
            Last(settings, written),
        ]

    def animate(self, last: Last | None) -> Any:
        """The page, being drawn row by row."""
        if last is None:
            return gr.skip()
        return gr.update(value=handed_out(f"{stem(str(last.settings.text))}.webp", last.written.animation), visible=True)
