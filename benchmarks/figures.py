"""Put the measured figures into the README and the documentation: ``python benchmarks/figures.py``.

They come from the cards' ``metrics.json`` and from ``latency.json`` and the Markdown files beside this one; of ours nothing is typed in by
hand, and what others published is cited.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def results(name: str) -> dict:
    return json.loads((ROOT / "weights" / name / "metrics.json").read_text())


def measuring(job: str, model: dict) -> str:
    """The command that prints the figures of shipped weights again."""
    return f"python train.py {job} --evaluate --split {model['results'][0]['split']}"


def figures() -> str:
    """The table of results, as Markdown."""
    reference, best = results("char-reference"), results("char-best")
    latency = json.loads((ROOT / "benchmarks" / "latency.json").read_text())
    lines = [
        "| model | data (split test) | images | accuracy | macro-F1 | top-3 | look-alikes merged | calibration error |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for model, title in ((reference, "reference"), (best, "best")):
        for row in model["results"]:
            values = " | ".join(f"{row[name]:.4f}" for name in ("accuracy", "macro_f1", "top3_accuracy", "merged_accuracy", "ece"))
            lines.append(f"| {title}, {model['parameters']:,} parameters | {row['dataset']} | {row['n']:,} | {values} |")
    text = results("text-best")
    rows, judge = ({row["dataset"].partition(" ")[2]: row for row in results(name)["results"]} for name in ("text-best", "text-judge"))
    lines += [
        "",
        f"Measured on {best['date']} (best) and {reference['date']} (reference) by "
        f"`{measuring('char', best)}` and the same with `--name char-reference`.",
        "",
        f"Words and lines, {text['parameters']:,} parameters, UNIPEN's {text['results'][0]['split']} writers, labels of reliable case, "
        "drawn on white by the pad's own renderer; case-sensitive, by jiwer:",
        "",
        "| what | texts | CER | WER | CER of `text-judge`, which people alone have taught |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {name} | {row['n']:,} | {row['cer']:.4f} | {row['wer']:.4f} | {judge[name]['cer']:.4f} |"
            for name, row in rows.items()
            if name in judge
        ),
        "",
        "What the pen wrote, in the hands of those writers; and scanned German words of five people who are kept for validation:",
        "",
        "| what | texts | CER | WER |",
        "|---|---:|---:|---:|",
        *(f"| {name} | {row['n']:,} | {row['cer']:.4f} | {row['wer']:.4f} |" for name, row in rows.items() if name not in judge),
        "",
        f"Measured on {text['date']} by `{text['command']}`.",
        *(
            f"How sure a word is said to be, and how often it is right, differ by {row['ece']:.4f} on average (expected calibration error)."
            for row in text["results"]
            if "ece" in row
        ),
        "",
        f"| speed, {latency['cpu_cores']} cores | best | reference |",
        "|---|---:|---:|",
    ]
    for key, title in (("image_ms", "one character as an array"), ("png_ms", "as a PNG file"), ("strokes_ms", "as strokes")):
        lines.append(f"| {title}, one thread | {latency['char-best'][key]} ms | {latency['char-reference'][key]} ms |")
    for key, title in (
        ("word_greedy_ms", "a word, greedy"),
        ("word_ms", "a word, beam with language model"),
        ("page_ms", "a page of 20 lines"),
    ):
        lines.append(f"| {title}, all cores | {latency['text-best'][key]} ms | |")
    seconds = latency.get("seconds_to_character")
    command = f"`hwr recognize a.png`, the whole process: {seconds} s. " if seconds else ""
    page = f"From `python app.py` to a page that answers: {latency['seconds_to_page']} s "
    lines += ["", f"{command}{page}(`python benchmarks/latency.py`, {latency['date']}, {latency['cpu_cores']} cores)."]
    return "\n".join(lines)


def pixels() -> str:
    """The table of what is drawn with pixels, as Markdown."""
    model = results("pixels-best")
    latency = json.loads((ROOT / "benchmarks" / "latency.json").read_text())["pixels-best"]
    rows = {row["dataset"].rpartition(", ")[2]: row for row in model["results"]}
    titles = {
        "bits_per_dim": "bits per dimension at 16 grey levels, exact",
        "bits_per_dim_bound": "bits per dimension at 16 grey levels, upper bound",
        "read_as_meant": "read as meant by `char-best`",
        "read_as_meant_of_real": "... of the share that it reads of real ones",
        "classification_accuracy": "classification accuracy score: `CharLSTM` trained on 500 a class, on real ones, mean of three",
        "classification_accuracy_of_real": "... of that with as many real ones",
        "diversity_of_real": "diversity within a class, of real",
        "precision": "precision of the sample distribution",
        "recall": "recall",
        "slant_carried_over": "one style, different characters: correlation of slant",
        "slant_carried_over_shuffled": "... of slant with shuffled styles",
        "slant_carried_over_writers": "... of slant, characters of one of UNIPEN's writers",
        "stroke_width_carried_over": "... of stroke width",
    }
    drawn = rows["drawn"]
    lines = [
        f"Drawing with pixels, {model['parameters']:,} parameters, temperature {drawn['temperature']:g}, style spread "
        f"{drawn['style_spread']:g}, nothing drawn again, beside two "
        f"baselines, a categorical distribution for each class and pixel and a small conditional VAE; "
        f"{drawn['dataset'].rpartition(', ')[0]}:",
        "",
        f"| | {' | '.join(rows)} |",
        "|---|" + "---:|" * len(rows),
    ]
    for key, title in titles.items():
        if any(key in row for row in rows.values()):
            lines.append(f"| {title} | {' | '.join(f'{row[key]:.4f}' if key in row else '' for row in rows.values())} |")
    lines += [
        "",
        f"The bound is {drawn['bits_of_categorical']:.3f} of the bits of independent pixels. Measured on {model['date']} by "
        f"`{measuring('pixels', model)}`. A line of 60 characters takes {latency['line_ms']} ms, read back and corrected "
        f"{latency['line_verified_ms']} ms (`python benchmarks/latency.py`). Precision and recall as of Kynkäänniemi et al. 2019, in "
        "the space of the reference model's last hidden state.",
    ]
    return "\n".join(lines)


def pen() -> str:
    """The tables of reading ink and writing with a pen, as Markdown."""
    reader, model, judge = results("ink-best"), results("pen-best"), results("text-judge")
    rows = {row["dataset"].partition(" ")[2] or row["dataset"]: row for row in model["results"]}
    lines = [
        f"Reading pen strokes, {reader['parameters']:,} parameters, UNIPEN's {reader['results'][0]['split']} writers:",
        "",
        "| what | texts | CER | CER without case | WER |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {row['dataset'].partition(' ')[2]} | {row['n']:,} | {row['cer']:.4f} | {row['cer_without_case']:.4f} | {row['wer']:.4f} |"
            for row in reader["results"]
        ),
        "",
        f"Writing with a pen, {model['parameters']:,} parameters, the default neatness, texts of UNIPEN's "
        f"{model['results'][0]['split']} split in random hands of the gallery, read from pictures by "
        f"`{judge['name']}` (SHA-256 {judge['weights_sha256'][:12]}…) without a language model:",
        "",
        "| what | texts | CER | of real | deletions and insertions | of real |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for what, row in rows.items():
        if "cer" in row:
            ratios = [f"{row[key]:.2f} x" if key in row else "" for key in ("cer_ratio", "lost_or_added_ratio")]
            lines.append(f"| {what} | {row['n']:,} | {row['cer']:.4f} | {ratios[0]} | {row['lost_or_added']:.4f} | {ratios[1]} |")
    lines += ["", "| whose hand is it? | words | candidates | top-1 | top-5 |", "|---|---:|---:|---:|---:|"]
    for what, row in rows.items():
        if "top1" in row:
            of = what.partition(", ")[2]
            lines.append(f"| {of} | {row['n']:,} | {row['candidates']:.1f} | {row['top1']:.4f} | {row['top5']:.4f} |")
    lines += ["", "| | |", "|---|---:|"]
    lines += [f"| {what}: area under the ROC curve, 5-fold | {row['auc']:.4f} |" for what, row in rows.items() if "auc" in row]
    other = next(row for row in model["results"] if "nll_per_point" in row)
    speed = next(row for row in model["results"] if "seconds_to_first_word" in row)
    lines += [
        f"| negative log-likelihood per point (natural logarithm, per square core height) | {other['nll_per_point']:.4f} |",
        f"| characters a second, a word after the other, two cores | {speed['characters_a_second_one_stream']:.0f} |",
        f"| characters a second, a page in batches | {speed['characters_a_second_page']:.0f} |",
        f"| characters a second, a page, read back by strokes and looks | {speed['characters_a_second_page_read_back']:.0f} |",
        f"| seconds until the first words are on the page, read back | {speed['seconds_to_first_word']:.2f} |",
        "",
        f"Measured on {model['date']} by `{measuring('ink', reader)}` and `{measuring('pen', model)}`.",
    ]
    return "\n".join(lines)


def headlines() -> str:
    """The README's short table: a figure of each thing it does, beside what people know."""
    best, text, ink, pen = (results(name) for name in ("char-best", "text-best", "ink-best", "pen-best"))
    rows = {row["dataset"].partition(" ")[2]: row for row in text["results"]}
    written = {row["dataset"].partition(" ")[2]: row for row in pen["results"]}
    others = dict(re.findall(r"^\| (.+?) \| ([\d.]+) \|", (ROOT / "benchmarks" / "readers.md").read_text(), re.M))
    tesseract = next(name for name in others if name.startswith("Tesseract"))
    rapid = next(name for name in others if name.startswith("RapidOCR"))
    scanned, drawn = best["results"]
    ways = dict(re.findall(r"^\| (.+?) \| ([\d.]+) \|", measured("drawn_characters"), re.M))
    strokes = next(row for row in ink["results"] if "words, beam" in row["dataset"])
    pen_row = written["words, written"]
    return "\n".join(
        [
            "| what | measured on | hwr | for comparison |",
            "|---|---|---:|---|",
            f"| a scanned character, 47 classes | {scanned['dataset']} ({scanned['n']:,} images) | {scanned['accuracy']:.1%} right | "
            "91.1% by the best published network of any kind ([WaveMix](https://arxiv.org/abs/2205.14375)), on the official test, from "
            "more training data |",
            f"| a character drawn with a pen | UNIPEN's test writers ({drawn['n']:,}) | {float(ways['both']):.1%} right | "
            f"{drawn['accuracy']:.1%} from its picture alone |",
            f"| a word, as a picture | 500 words of UNIPEN's test writers | {float(others['hwr text-best']):.1%} CER | "
            f"{tesseract} {float(others[tesseract]):.1%}, made for print; {rapid} {float(others[rapid]):.1%}, made for print and scenes |",
            f"| a line, as a picture | UNIPEN's test writers ({rows['lines, beam with language model']['n']:,}) | "
            f"{rows['lines, beam with language model']['cer']:.1%} CER | |",
            f"| a word, as pen strokes | UNIPEN's test writers ({strokes['n']:,}) | {strokes['cer']:.1%} CER | |",
            f"| a word that it wrote, read from its picture | {pen_row['n']:,} words in random hands | {pen_row['cer']:.1%} CER | "
            f"{written['words, real']['cer']:.1%} by the same reader for words that people wrote |",
            "",
            f"Measured on {min(best['date'], text['date'])} to {max(best['date'], pen['date'])}. CER: character error rate, case and "
            "punctuation counted.",
        ]
    )


def between(text: str, start: str, end: str, content: str) -> str:
    """Replace what stands between two marker lines."""
    pattern = re.compile(f"({re.escape(start)}\n).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"there is no {start}")
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def readme(text: str) -> str:
    """The README with the figures of the files beside it."""
    return between(text, "<!-- headlines: python benchmarks/figures.py -->", "<!-- end of headlines -->", headlines())


def measured(name: str) -> str:
    """What a benchmark wrote beside this file."""
    return (ROOT / "benchmarks" / f"{name}.md").read_text().strip()


def documented(text: str) -> str:
    """A page of the documentation, with the figures between those markers that it has."""
    parts = {"pixels": pixels, "pen": pen} | {
        name: lambda name=name: measured(name)
        for name in (
            "strokes",
            "evaluation",
            "readers",
            "real_pages",
            "ablation",
            "unipen",
            "load",
            "soak",
            "pages",
            "first_minute",
            "scale",
            "written_only",
            "drawn_characters",
            "browser_page",
        )
    }
    if "<!-- figures:" in text:
        text = between(text, "<!-- figures: python benchmarks/figures.py -->", "<!-- end of figures -->", figures())
    for name, content in parts.items():
        if f"<!-- {name} -->" in text:
            text = between(text, f"<!-- {name} -->", f"<!-- end of {name} -->", content())
    return text


def main() -> None:
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text()))
    for page in sorted((ROOT / "docs").glob("*.md")):
        page.write_text(documented(page.read_text()))


if __name__ == "__main__":
    main()
