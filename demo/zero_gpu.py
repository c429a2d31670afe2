"""A ZeroGPU Space has no GPU of its own: it lends one to each call of a function that asks."""

import inspect

import gradio as gr

from demo.fuse_tab import QUEUE

CALL_SECONDS, JOB_SECONDS = 60, 300


def ask_for_gpu(page: gr.Blocks) -> None:
    """Have every event of the GPU queue ask for one; without the package `spaces`, change nothing.

    Each such call then runs in a process of its own. What yields may be a batch or a clip.
    """
    try:
        import spaces
    except ImportError:
        return
    for event in page.fns.values():
        if event.concurrency_id == QUEUE["concurrency_id"]:
            is_job = inspect.isgeneratorfunction(event.fn)
            seconds = JOB_SECONDS if is_job else CALL_SECONDS
            event.fn = spaces.GPU(duration=seconds)(event.fn)
