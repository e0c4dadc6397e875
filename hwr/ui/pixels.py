"""The mode "Pixels" of writing: a text in handwriting that a network draws pixel row by pixel row."""

import random
from typing import Any

import gradio as gr

from hwr import ink
from hwr.errors import InputError
from hwr.layout import PAPERS
from hwr.predictors.pixels import PixelText, PixelWriter
from hwr.ui.guard import endpoint, image_parameter, object_of, sentence, uploaded_path
from hwr.ui.inputs import picture_input
from hwr.ui.outputs import handed_out
from hwr.ui.pad import from_value, pad
from hwr.ui.writing import MAX_SEED, OWN_PEN_WIDTH, css_colour, refused, told, whole

GREETING = "The quick brown fox\njumps over 13 lazy dogs."


def build(writer: PixelWriter, share: dict[str, Any]) -> None:
    """Compose the mode inside the current ``gr.Blocks``.

    Args:
        writer: draws the text.
        share: arguments for every event that computes: ``concurrency_id`` and ``concurrency_limit``.
    """
    with gr.Row(elem_classes="hwr-columns"):
        with gr.Column(elem_classes="hwr-in", min_width=280):
            with gr.Column(elem_classes="hwr-order-1"):
                text = gr.Textbox(GREETING, label="Text", lines=4, max_lines=12, max_length=10_000, elem_id="pixels-text")
                with gr.Row(equal_height=True):
                    seed = gr.Number(7, label="Hand (seed)", precision=0, minimum=0, maximum=MAX_SEED, elem_id="pixels-seed")
                    dice = gr.Button("Another hand", elem_id="pixels-dice")
                go = gr.Button("Write", variant="primary", elem_id="pixels-go")
            with gr.Column(elem_classes="hwr-order-3"):
                temperature = gr.Slider(
                    0.3,
                    1.3,
                    value=writer.network.temperature,
                    step=0.05,
                    label="Temperature",
                    info="Less is neater.",
                    elem_id="pixels-temperature",
                )
                with gr.Accordion("My own hand", open=False):
                    own = pad(
                        size=ink.TEXT_PAD_SIZE,
                        pen_width=OWN_PEN_WIDTH,
                        label="Pad for your own hand",
                        hint="Write a few letters, well apart: a n e 4 R",
                        description="Writing pad for a few letters in your own hand.",
                        elem_id="pixels-own",
                    )
                    photo = picture_input("Or a photo of a few letters that stand apart", "pixels-photo", "")
                with gr.Accordion("Page", open=False):
                    size = gr.Slider(10, 60, value=24, step=1, label="Size (height of an x, pixels)")
                    paper = gr.Radio(list(PAPERS), value="plain", label="Paper", elem_id="pixels-paper")
                    with gr.Row():
                        ink_color = gr.ColorPicker("#1c2340", label="Ink")
                        paper_color = gr.ColorPicker("#ffffff", label="Paper colour")
                    verify = gr.Checkbox(True, label="Read back", info="What can't be read as meant is drawn again.")
        with gr.Column(elem_classes="hwr-out hwr-order-2", min_width=280):
            picture = gr.Image(
                label="Handwriting",
                show_label=False,
                type="filepath",
                interactive=False,
                format="png",
                buttons=["fullscreen"],
                elem_id="pixels-picture",
            )
            report = gr.HTML("", apply_default_css=False, elem_id="pixels-report")
            with gr.Row():
                save = gr.DownloadButton("Download PNG", interactive=False, elem_id="pixels-save")
                watch = gr.Button("Watch it being drawn", interactive=False, elem_id="pixels-watch")
            animation = gr.Image(
                label="Row by row",
                show_label=False,
                type="filepath",
                interactive=False,
                visible=False,
                buttons=["download"],
                elem_id="pixels-animation",
            )
    last = gr.State(None)
    shown = [picture, report, save, watch, animation, last]
    settings = [text, seed, temperature, own, photo, size, paper, ink_color, paper_color, verify]

    def write(
        text: str, seed: Any, temperature: Any, own: Any, photo: Any, size: Any, paper: Any, ink_color: Any, paper_color: Any, verify: Any
    ) -> list[Any]:
        bar = gr.Progress()
        try:
            strokes = from_value(own)
            hand: Any = None
            if photo:
                hand = uploaded_path(photo)
            elif strokes:
                hand = ink.render(ink.parse_strokes(strokes), ink.TEXT_PAD_SIZE, OWN_PEN_WIDTH)
            written = writer.write(
                text,
                seed=whole(seed, "seed"),
                temperature=float(temperature),
                style_image=hand,
                verify=bool(verify),
                size=whole(size, "size"),
                ink_color=css_colour(ink_color),
                paper_color=css_colour(paper_color),
                paper=paper,
                progress=lambda done, of: bar((done, of), desc="drawing", unit="characters"),
            )
            page = handed_out("handwriting.png", written.image.save)
            download = page if len(written.pages) == 1 else handed_out("handwriting.pdf", written.save)
        except Exception as error:
            return [gr.skip(), refused(sentence(error)), gr.skip(), gr.skip(), gr.skip(), gr.skip()]
        label = "Download PNG" if len(written.pages) == 1 else f"Download PDF ({len(written.pages)} pages)"
        return [
            page,
            told(written.report.sentences()),
            gr.update(value=download, label=label, interactive=True),
            gr.update(interactive=True),
            gr.update(value=None, visible=False),
            written,
        ]

    def animate(written: PixelText | None) -> Any:
        if written is None:
            return gr.skip()
        return gr.update(value=handed_out("handwriting.webp", written.animation), visible=True)

    private = {"api_visibility": "private", "preprocess": False} | share
    go.click(write, settings, shown, **private)
    text.submit(write, settings, shown, **private)
    dice.click(lambda: random.randrange(MAX_SEED), None, seed, api_visibility="private", show_progress="hidden").then(
        write, settings, shown, **private
    )
    watch.click(animate, last, animation, api_visibility="private", **share)
    _endpoint(writer, share)


def _endpoint(writer: PixelWriter, share: dict[str, Any]) -> None:
    """The endpoint for programs. Its parameters are components that the page does not show."""
    text = gr.Textbox(label="Text to write", visible=False)
    seed = gr.Number(0, label="Seed: the same gives the same picture", precision=0, visible=False)
    temperature = gr.Number(writer.network.temperature, label="Temperature, 0.05 to 5: less is neater", visible=False)
    style_image = image_parameter("Image file of a few characters in the hand to write in; none for the hand that the seed gives")
    verify = gr.Checkbox(True, label="Read characters back, and draw those again that can't be read", visible=False)
    page = gr.File(label="PNG", visible=False)
    result = gr.JSON(label="Report", visible=False)
    result.api_info = lambda: object_of(
        characters="integer", redrawn="integer", unread="integer", replaced="object", verified="boolean", seed="integer"
    )

    def write_pixels(
        text: str,
        seed: int = 0,
        temperature: float = writer.network.temperature,
        style_image: dict[str, Any] | None = None,
        verify: bool = True,
    ) -> tuple[str, dict[str, Any]]:
        if not isinstance(verify, bool):
            raise InputError("verify must be true or false.")
        written = writer.write(
            text,
            seed=whole(seed, "seed"),
            temperature=temperature,
            style_image=uploaded_path(style_image) if style_image else None,
            verify=verify,
        )
        return handed_out("handwriting.png", written.image.save), written.report.export()

    gr.Button(visible=False).click(
        endpoint(write_pixels),
        [text, seed, temperature, style_image, verify],
        [page, result],
        api_name="write_pixels",
        api_description="Write a text in handwriting, drawn pixel row by pixel row: a picture of the (first) page, and a report.",
        preprocess=False,
        **share,
    )
