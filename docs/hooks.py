"""What lies beside the documentation is part of its site: pictures of the model folders, and the network that reads in the browser."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]


def on_files(files: Files, config: Any) -> Files:
    """Add what pages show of ``weights/``."""
    for page in [file for file in files if file.src_uri.endswith(".md")]:
        text = Path(page.abs_src_path).read_text(encoding="utf-8")
        for name in dict.fromkeys(re.findall(r"\]\(\.\./(weights/[^)]+\.png)\)", text)):
            if files.get_file_from_path(name) is None:
                files.append(File(name, str(ROOT), config.site_dir, config.use_directory_urls))
    for name in ("config.json", "model.onnx"):
        files.append(File(f"weights/char-best/{name}", str(ROOT), config.site_dir, config.use_directory_urls))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Point to them where they are in the site; other files of the repository are named, not linked."""
    markdown = re.sub(r"\]\(\.\./(weights/[^)]+\.png)\)", r"](\1)", markdown)
    return re.sub(r"\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", markdown)
