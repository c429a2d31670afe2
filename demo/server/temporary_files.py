"""Temporary files: one folder per server, what is old deleted each minute, all gone at exit.

Gradio's own `delete_cache` knows neither the results, which it serves without a copy, nor what was
unpacked, nor what is left of broken transfers.
"""

import os
import shutil
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from .memory import hand_back

KEEP_SECONDS = 30 * 60
PRUNE_SECONDS = 60
KEPT = "examples"


@lru_cache(maxsize=1)
def root_folder() -> tempfile.TemporaryDirectory:
    """Make this process's folder, which is deleted when the process ends."""
    return tempfile.TemporaryDirectory(prefix="lkc-page-", ignore_cleanup_errors=True)


def new_folder() -> Path:
    """Make a folder for one result, with a name that nobody guesses."""
    folder = Path(root_folder().name) / uuid.uuid4().hex
    folder.mkdir()
    return folder


def is_ours(path: str) -> bool:
    """Whether a file lies in this process's folder, where uploads, results and examples are."""
    return Path(path).resolve().is_relative_to(Path(root_folder().name).resolve())


def keep_copy(folder: Path) -> Path:
    """Copy a folder to where files are served from, for as long as the process lives."""
    copy = Path(root_folder().name) / KEPT
    if folder.is_dir() and not copy.exists():
        shutil.copytree(folder, copy)
    return copy


def use_for_uploads() -> None:
    """Have Gradio, which reads this when a page is built, keep its files here too.

    Results lie in the same folder, so that it serves them from there instead of copying them.
    """
    os.environ["GRADIO_TEMP_DIR"] = root_folder().name


def prune() -> None:
    """Delete what is too old: uploads, results, and what was left of broken transfers."""
    for path in Path(root_folder().name).iterdir():
        with suppress(OSError):  # gone, or still being written
            if path.name == KEPT or time.time() - path.stat().st_mtime <= KEEP_SECONDS:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


@lru_cache(maxsize=1)
def keep_pruning() -> threading.Thread:
    """Start a thread, once, that prunes for as long as the process lives, visitors or not.

    It hands free memory back as well.
    """

    def work() -> None:
        while True:
            time.sleep(PRUNE_SECONDS)
            prune()
            hand_back()

    thread = threading.Thread(target=work, name="prune", daemon=True)
    thread.start()
    return thread
