"""What both modes of reading share: a pad, a picture and what else there is to read from, of which the latest counts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from hwr.ui.guard import sentence, uploaded_path
from hwr.ui.pad import from_value

Updates = list[Any]


def picked(event: gr.EventData, count: int) -> int:
    """Which of so many things was chosen, counted from 0, as a browser says; the first if it says anything else."""
    try:
        index = event.index
    except (AttributeError, TypeError):
        return 0
    return index if isinstance(index, int) and 0 <= index < count else 0


def picture_input(placeholder: str, elem_id: str, elem_classes: str) -> gr.Image:
    """Upload, paste or photograph a picture; on a phone with the camera that looks away from its owner."""
    return gr.Image(
        label="Or a picture",
        type="filepath",
        image_mode=None,
        sources=["upload", "clipboard", "webcam"],
        webcam_options=gr.WebcamOptions(mirror=False, constraints={"video": {"facingMode": {"ideal": "environment"}}}),
        placeholder=placeholder,
        height=180,
        buttons=[],
        elem_id=elem_id,
        elem_classes=elem_classes,
    )


@dataclass(frozen=True)
class Source:
    """Something to read from.

    Attributes:
        component: whose ``input`` event says that there is something new.
        empty: the value that empties it.
        parse: what is to be read, from the component's value; None where there is nothing. Raises InputError.
        read: ``(what, *settings)`` to updates of what is shown, or to several of them one after the other.
    """

    component: Any
    empty: Any
    parse: Callable[[Any], Any]
    read: Callable[..., Updates | Iterator[Updates]]


def from_pad(drawing: gr.HTML, read: Callable[..., Updates | Iterator[Updates]]) -> Source:
    """Strokes of a pad."""
    return Source(drawing, "[]", lambda value: from_value(value) or None, read)


def from_picture(picture: gr.Image, read: Callable[..., Updates | Iterator[Updates]]) -> Source:
    """The path of a picture from :func:`picture_input`."""
    return Source(picture, None, lambda value: uploaded_path(value) if value else None, read)


def read_latest(
    sources: Sequence[Source], shown: Sequence[Any], *, nothing: Callable[..., Updates], settings: Sequence[Any] = (), **events: Any
) -> None:
    """Read whatever was drawn or chosen last; the others are emptied. When a setting changes, what is there is read again.

    Args:
        sources: of which the latest counts.
        shown: components that show the result.
        nothing: updates of ``shown`` where there is no result, given a sentence that says why.
        settings: components.
        events: passed to every listener.
    """
    count = len(sources)

    def on_input(changed: int, *values: Any) -> Iterator[Updates]:
        given, rest = values[:count], values[count:]
        others = [number for number in range(count) if number != changed and given[number] not in (None, "", sources[number].empty)]
        cleared = [sources[number].empty if number in others else gr.skip() for number in range(count)]
        kept = [gr.skip()] * count
        try:
            what = sources[changed].parse(given[changed])
            if what is not None:
                for updates in _each(sources[changed].read(what, *rest)):
                    yield [*updates, *cleared]
                    cleared = kept
            elif not others:  # what is emptied says nothing about the others
                yield [*nothing(), *kept]
            else:
                yield [gr.skip()] * (len(shown) + count)
        except Exception as error:
            yield [*nothing(sentence(error)), *cleared]

    def on_setting(*values: Any) -> Iterator[Updates]:
        filled = [number for number in range(count) if values[number] not in (None, "", sources[number].empty)]
        yield from on_input(filled[-1] if filled else 0, *values)

    components = [source.component for source in sources]
    for number, component in enumerate(components):
        component.input(partial(on_input, number), [*components, *settings], [*shown, *components], **events)
    for setting in settings:
        setting.change(on_setting, [*components, *settings], [*shown, *components], **events)


def _each(updates: Updates | Iterator[Updates]) -> Iterator[Updates]:
    if isinstance(updates, list):
        yield updates
    else:
        yield from updates
