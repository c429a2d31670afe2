"""Run notebooks from the top and store what they show: `python -m notebooks.refresh [FILE ...]`.

Without files, every notebook and solution is run. Figures, tables and text stay in the file,
large figures as JPEG; the state of widgets, times and execution counts do not.
"""

import base64
import copy
import os
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output
from PIL import Image
from traitlets import default

from notebooks.frame import NOTEBOOKS, all_notebooks

CELL_SECONDS = 300
LARGE_FIGURE = 30_000  # bytes; no smaller figure is stored as JPEG
COLOURS = 256  # A PNG of no more needs one byte a pixel.
GRAIN = "grain"  # This tag marks a cell whose text speaks of noise, which a JPEG would change.
# Quality of JPEG, and colours of pictures with grain: the first ones that make the file small.
QUALITIES = ((90, 256), (80, 256), (70, 128), (60, 64), (50, 64))
LARGEST_FILE = 970_000  # bytes
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_NOTE = "Run this cell to move the controls; fixed settings are shown below."


class ThisPython(AsyncKernelManager):
    """Starts the Python that runs this: without folders of kernels, never a user's own."""

    @default("kernel_spec_manager")
    def _no_folders(self) -> KernelSpecManager:
        return KernelSpecManager(kernel_dirs=[])


class WithoutWidgets(NotebookClient):
    """Runs cells with widgets without being their front end.

    What a control's first call shows becomes an output of its cell, errors too. And nothing is sent
    while a cell runs: nbclient's own handler does, and now and then misses the cell's answer until
    the time for the cell is over.
    """

    def on_comm_open_jupyter_widget(self, msg: dict) -> None:
        return None


def execute(path: Path, folder: Path) -> NotebookNode:
    """Run a notebook in a folder with this Python and one thread.

    Args:
        path: the notebook; it is not changed.
        folder: where its cells run.

    Returns:
        The notebook with fresh outputs.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    client = WithoutWidgets(
        notebook,
        kernel_name="python3",
        kernel_manager_class=ThisPython,  # a manager, given as km, would be left running
        timeout=CELL_SECONDS,
        startup_timeout=CELL_SECONDS,
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    beside = {"PYTHONPATH": str(NOTEBOOKS.parent)}  # the lkc of this clone, whatever is installed
    environment = os.environ | beside | {"OMP_NUM_THREADS": "1"}
    environment.pop("MPLBACKEND", None)  # a kernel draws into the notebook
    return client.execute(env=environment)


def palette_png(image: Image.Image, colours: int) -> bytes:
    """Store an image in its most frequent colours, one byte a pixel."""
    stored = BytesIO()
    image.quantize(colours, dither=Image.Dither.NONE).save(stored, "PNG", optimize=True)
    return stored.getvalue()


def jpeg(image: Image.Image, quality: int) -> bytes:
    stored = BytesIO()
    image.save(stored, "JPEG", quality=quality)
    return stored.getvalue()


def shrink(output: NotebookNode, quality: int, colours: int, *, keep_grain: bool) -> None:
    """Store a figure as PNG of few colours, or as JPEG where that is smaller."""
    image = Image.open(BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGB")
    png, smooth = palette_png(image, colours if keep_grain else COLOURS), jpeg(image, quality)
    if keep_grain or len(png) <= max(LARGE_FIGURE, len(smooth)):
        output.data["image/png"] = base64.b64encode(png).decode()
        return
    del output.data["image/png"]
    output.data["image/jpeg"] = base64.b64encode(smooth).decode()
    output.metadata["image/jpeg"] = output.metadata.pop("image/png", {})  # its words and size


def shrink_all(notebook: NotebookNode) -> NotebookNode:
    """Store the figures of a notebook as well as its size allows."""
    for quality, colours in QUALITIES:
        smaller = copy.deepcopy(notebook)
        for cell in smaller.cells:
            grain = GRAIN in cell.metadata.get("tags", [])
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    shrink(output, quality, colours, keep_grain=grain)
        if len(nbformat.writes(smaller).encode()) < LARGEST_FILE:
            break
    return smaller


def drop_what_varies(notebook: NotebookNode) -> NotebookNode:
    """Drop what changes with every run, and what controls show, for which fixed figures stand."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        if any(WIDGET in output.get("data", {}) for output in cell.outputs):
            cell.outputs = [new_output("display_data", {"text/plain": WIDGET_NOTE})]
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = None
    return notebook


def keep_what_is_shown(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as it is stored: without what varies, its figures as small as need be."""
    return shrink_all(drop_what_varies(notebook))


def refresh(path: Path) -> None:
    """Run one notebook in a temporary folder and store it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(path, folder)
        notebook = keep_what_is_shown(execute(Path(copy), Path(folder)))
    nbformat.write(notebook, path)


def main(paths: list[Path]) -> None:
    """Refresh the given notebooks, or all."""
    for path in paths or all_notebooks():
        print(path, flush=True)
        refresh(path)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
