"""Files of results: refused before the work is done if they could not be written."""

import json
import os
from pathlib import Path
from typing import Any

from lkc.errors import InputError, writing

FIGURES = (".png", ".pdf", ".svg")


def check_targets(*paths: Path | None) -> None:
    """Refuse results that could not be written, before the work is done."""
    for path in filter(None, paths):
        with writing(path):
            is_folder, is_there = path.is_dir(), path.exists()
        if is_folder:
            raise InputError(f"{path} is a folder: name a file.")
        if not path.resolve().parent.is_dir():
            raise InputError(f"{path} cannot be written: its folder does not exist.")
        if not os.access(path if is_there else path.resolve().parent, os.W_OK):
            raise InputError(f"{path} cannot be written: permission denied.")


def check_figure(path: Path | None) -> None:
    """Refuse a figure that could not be written, or in a format that there is not."""
    check_targets(path)
    if path and path.suffix.lower() not in FIGURES:
        raise InputError(f"{path.name}: a figure is a {', '.join(FIGURES)} file.")


def make_folder(path: Path) -> None:
    """Make the folder of a command's results, or refuse it before the work is done."""
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
    if not os.access(path, os.W_OK):
        raise InputError(f"{path} cannot be written: permission denied.")


def write_numbers(path: Path, results: dict[str, Any]) -> None:
    """Write a command's numbers as JSON."""
    with writing(path):
        path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
