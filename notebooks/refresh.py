"""Run notebooks from the top and store what they show: `python -m notebooks.refresh [FILE ...]`.

Without files, every notebook and solution is run. Figures, tables and text stay in the file,
large figures as JPEG; the state of widgets, times and execution counts do not.
"""

import base64
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

NOTEBOOKS = Path(__file__).parent
CELL_SECONDS = 300
LARGE_FIGURE = 50_000  # bytes
INSTALL_CELL = """\
# In Colab, or wherever lkc is missing: install it from this clone and leave torch as it is.
import importlib.util
import sys

if importlib.util.find_spec("lkc") is None:
    %pip install --quiet --no-deps --editable {root}
    %pip install --quiet accelerate captum ipywidgets PyWavelets safetensors torchmetrics
    sys.path.insert(0, "{root}")  # a running kernel does not see an editable install"""
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


def all_notebooks() -> list[Path]:
    """Every notebook, then every solution."""
    return sorted(NOTEBOOKS.glob("*.ipynb")) + sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))


def install_cell(path: Path) -> str:
    """The first code cell of a notebook, which reaches the project from the notebook's folder."""
    root = Path(os.path.relpath(NOTEBOOKS.parent, path.parent)).as_posix()
    return INSTALL_CELL.format(root=root)


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
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment.pop("MPLBACKEND", None)  # a kernel draws into the notebook
    return client.execute(env=environment)


def shrink(output: NotebookNode) -> None:
    """Store a figure as JPEG where its PNG is large, as pictures of noisy images are."""
    png = base64.b64decode(output.data["image/png"])
    if len(png) <= LARGE_FIGURE:
        return
    jpeg = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").save(jpeg, "JPEG", quality=90, subsampling=0)
    del output.data["image/png"]
    output.data["image/jpeg"] = base64.b64encode(jpeg.getvalue()).decode()
    output.metadata["image/jpeg"] = output.metadata.pop("image/png", {})  # its words


def keep_what_is_shown(notebook: NotebookNode) -> NotebookNode:
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
            if "image/png" in output.get("data", {}):
                shrink(output)
    return notebook


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
