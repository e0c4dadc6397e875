"""What the Hub would reject in a card's metadata, the parts that our cards use."""

from __future__ import annotations

import re

import yaml


def card_errors(content: str, repo_type: str) -> list[str]:
    """What the Hub would reject in a card's metadata, the parts that our cards use."""
    front = re.match(r"---\r?\n(.*?)\r?\n---\s*(\n|$)", content, re.DOTALL)
    if not front:
        return []
    try:
        data = yaml.safe_load(front[1])
    except yaml.YAMLError as error:
        return [f"bad YAML: {error}"]
    if not isinstance(data, dict):
        return ["metadata must be a mapping"]
    errors = [f"{key} must be a list of strings" for key in ("tags", "datasets", "metrics") if not _is_strings(data.get(key, []))]
    errors += [f"{key} must be a string" for key in ("pipeline_tag", "library_name") if not isinstance(data.get(key, ""), str)]
    if repo_type == "space":
        errors += ["a Space needs an sdk"] if data.get("sdk") not in ("gradio", "docker", "static") else []
        errors += ["short_description is longer than 60 characters"] if len(data.get("short_description", "")) > 60 else []
        errors += ["preload_from_hub must be a list of strings"] if not _is_strings(data.get("preload_from_hub", [])) else []
    if repo_type == "model":
        for model in data.get("model-index", []):
            if not isinstance(model.get("name"), str):
                errors.append("model-index without a name")
            for result in model.get("results", []):
                if not isinstance(result.get("task", {}).get("type"), str):
                    errors.append("a result without task.type")
                if not {"name", "type"} <= result.get("dataset", {}).keys():
                    errors.append("a result without dataset.name or dataset.type")
                if not all({"type", "value"} <= metric.keys() for metric in result.get("metrics", [{}])):
                    errors.append("a metric without type or value")
    return errors


def _is_strings(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
