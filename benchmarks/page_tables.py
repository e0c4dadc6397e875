"""What was measured on pages, as Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from page_sets import CROPS, GROUPS

from hwr.evaluation.page_metrics import PageCounts, page_metrics

CAMERAS = {"clean": "clean", "scan": "scanned", "photo": "photographed"}
Rows = dict[str, dict[str, Any]]
Choice = Callable[[str, str], bool]  # of a group and a camera


def tables(results: dict[str, Rows]) -> str:
    """All that was measured; of composed pages those of the test writers, if they were."""
    split = "test" if "composed, test" in results else "validation"
    parts = []
    if rows := results.get(f"composed, {split}"):
        parts += [_title(f"pages composed of UNIPEN's {split} writers", rows), *_composed(rows), "", *_by_group(rows)]
    if rows := results.get("real"):
        parts += ["", _title("45 real scans, French, for checking only", rows), *_real(rows)]
    if rows := results.get("empty"):
        parts += ["", _title("pictures without handwriting: the share in which some is found", rows), *_empty(rows)]
    return "\n".join(parts)


def _title(what: str, rows: Rows) -> str:
    dates = sorted({row["date"] for row in rows.values()})
    return f"`python benchmarks/pages.py`, {' to '.join(dict.fromkeys((dates[0], dates[-1])))}: {what}.\n"


def _pooled(row: dict[str, Any], choice: Choice) -> dict[str, Any]:
    """Shares over the chosen groups and cameras, with ``pictures``, ``nothing`` and ``seconds`` of each picture."""
    counts, others = PageCounts(), {"pictures": 0, "nothing": 0, "seconds": 0.0}
    for key, values in row["groups"].items():
        if choice(*key.split("|")):
            counts += PageCounts(**{part.name: values[part.name] for part in fields(PageCounts)})
            others = {name: others[name] + values[name] for name in others}
    pictures = max(others["pictures"], 1)
    metrics = page_metrics(counts) | others | {"nothing": others["nothing"] / pictures, "seconds": others["seconds"] / pictures}
    if not row["reads"]:
        metrics |= {"cer": None, "cer_any_order": None}
    return metrics


def _whole_cer(row: dict[str, Any], choice: Choice) -> float | None:
    chosen = [values for key, values in row.get("whole", {}).items() if choice(*key.split("|"))]
    characters = sum(values["characters_of_lines"] for values in chosen)
    return sum(values["edits_of_lines"] for values in chosen) / characters if characters else None


def _number(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _ratio(value: float | None, whole: float | None) -> str:
    return "" if value is None or not whole else f"{value / whole:.2f}"


def _header(rows: Rows, first: Sequence[str] = ("",)) -> list[str]:
    names = [f"{row['name']}, made for {row['made_for']}" for row in rows.values()]
    return [f"| {' | '.join([*first, *names])} |", "|---|" + "---:|" * (len(first) + len(names) - 1)]


def _line(title: str, cells: Sequence[str]) -> str:
    return f"| {title} | {' | '.join(cells)} |"


def _pages(camera: str | None = None) -> Choice:
    return lambda group, taken: group not in CROPS and camera in (None, taken)


def _composed(rows: Rows) -> list[str]:
    """What the whole pages and the crops come to, a column a finder."""
    pooled = [_pooled(row, _pages()) for row in rows.values()]
    lines = _header(rows)
    for key, title in (("f1", "lines found, F1 at IoU 0.5"), ("f1_75", "... at IoU 0.75"), ("baseline_f1", "baselines, F1")):
        for camera, name in CAMERAS.items():
            lines.append(_line(f"{title}, {name}", [_number(_pooled(row, _pages(camera))[key]) for row in rows.values()]))
    lines += _mistakes(pooled)
    for camera, name in CAMERAS.items():
        lines += _errors(rows, f"CER of pages, {name}", _pages(camera))
    for crop in CROPS:
        lines += _errors(rows, f"CER of one {crop}", lambda group, _, crop=crop: group == crop)
    everything = [_pooled(row, lambda *_: True) for row in rows.values()]
    most = max(one["pictures"] - whole["pictures"] for one, whole in zip(everything, pooled, strict=True))
    shown = [one if one["pictures"] > whole["pictures"] or not most else {} for one, whole in zip(everything, pooled, strict=True)]
    lines.append(_line("no writing found where there is some, pages and crops", [_number(one.get("nothing"), 4) for one in shown]))
    lines.append(_seconds(pooled))
    lines.append(_line("measured on pages / their lines", [f"{one['pictures']} / {one['lines']:,}" for one in pooled]))
    lines.append(_line("... and crops", [f"{one['pictures'] - some['pictures']}" for one, some in zip(everything, pooled, strict=True)]))
    return lines


def _seconds(pooled: list[dict[str, Any]]) -> str:
    return _line("seconds of one processor a page", [_number(one["seconds"] or None, 2) for one in pooled])


def _mistakes(pooled: list[dict[str, Any]]) -> list[str]:
    titles = {
        "joined": "true lines joined with others",
        "split": "... split",
        "missed": "... missed",
        "superfluous": "found lines where none is",
        "words_lost": "words less than 80 % within the found lines",
        "order": "pairs of found lines in reading order",
    }
    known = {key: title for key, title in titles.items() if any(one[key] is not None for one in pooled)}
    return [_line(title, [_number(one[key]) for one in pooled]) for key, title in known.items()]


def _errors(rows: Rows, title: str, choice: Choice) -> list[str]:
    """Of pages and of their lines given whole, and the one over the other."""
    pooled, whole = [_pooled(row, choice) for row in rows.values()], [_whole_cer(row, choice) for row in rows.values()]
    both = list(zip(pooled, whole, strict=True))
    return [
        _line(title, [_number(one["cer"]) for one in pooled]),
        _line("... of their lines given whole", [_number(one) for one in whole]),
        _line("... the one over the other", [_ratio(one["cer"], given) for one, given in both]),
        _line("... with the lines in any order", [_ratio(one["cer_any_order"], given) for one, given in both]),
    ]


def _by_group(rows: Rows) -> list[str]:
    lines = _header(rows, ("lines found, F1 at IoU 0.5, by kind",))
    for group in GROUPS:
        metrics = [_pooled(row, lambda own, _, group=group: own == group) for row in rows.values()]
        lines.append(_line(group, [_number(one["f1"]) for one in metrics]))
    return lines


def _real(rows: Rows) -> list[str]:
    lines = _header(rows)
    for title, choice in (
        ("all", lambda *_: True),
        ("with a printed header", lambda group, _: "header" in group),
        ("without", lambda group, _: "header" not in group),
    ):
        metrics = [_pooled(row, choice) for row in rows.values()]
        lines.append(_line(f"lines found, F1 at IoU 0.5, {title} ({metrics[0]['lines']:,} lines)", [_number(one["f1"]) for one in metrics]))
        lines.append(_line("... at IoU 0.75", [_number(one["f1_75"]) for one in metrics]))
        lines.append(_line("... baselines, F1", [_number(one["baseline_f1"]) for one in metrics]))
        lines += _errors(rows, f"CER, {title}", choice)
    pooled = [_pooled(row, lambda *_: True) for row in rows.values()]
    return [*lines, *_mistakes(pooled), _seconds(pooled)]


def _empty(rows: Rows) -> list[str]:
    lines = _header(rows)
    groups = list(dict.fromkeys(key.split("|")[0] for row in rows.values() for key in row["groups"]))
    for title, choice in [(group, lambda own, _, group=group: own == group) for group in groups] + [("all", lambda *_: True)]:
        metrics = [_pooled(row, choice) for row in rows.values()]
        lines.append(_line(title, [f"{_number(1 - one['nothing'])} of {one['pictures']}" for one in metrics]))
    return lines
