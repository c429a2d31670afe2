"""Temporary files: one folder per server, old entries forgotten, all gone at exit."""

import os
import shutil
import tempfile
import time
from functools import lru_cache
from pathlib import Path

KEEP_SECONDS = 30 * 60


@lru_cache(maxsize=1)
def root_folder() -> tempfile.TemporaryDirectory:
    """Make this process's folder, which is deleted when the process ends."""
    return tempfile.TemporaryDirectory(prefix="lkc-page-", ignore_cleanup_errors=True)


def upload_folder() -> Path:
    """Where uploads are put."""
    return Path(root_folder().name) / "uploads"


def new_folder() -> Path:
    """Make a folder for one result, and delete those that are too old."""
    results = Path(root_folder().name) / "results"
    results.mkdir(exist_ok=True)
    for old in results.iterdir():
        if time.time() - old.stat().st_mtime > KEEP_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=results))


def use_for_uploads() -> None:
    """Have Gradio, which reads this when a page is built, keep its files here too."""
    os.environ["GRADIO_TEMP_DIR"] = str(upload_folder())
