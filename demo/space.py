"""Start of a Hugging Face Space, which runs this file by its path and installs no package."""

import os
import sys
from contextlib import suppress
from pathlib import Path

with suppress(ImportError):
    import spaces  # noqa: F401 - on ZeroGPU it must come before anything that imports torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from lkc.memory import keep_memory
from lkc.threads import wait_without_spinning

wait_without_spinning()  # both before the page imports torch
keep_memory()

from demo.app import serve  # noqa: E402

serve(os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0"), int(os.environ.get("PORT", "7860")))
