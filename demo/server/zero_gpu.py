"""A ZeroGPU Space has no GPU of its own: it lends one to each call of a function that asks."""

import gradio as gr

from .one_device import JOBS, wants_device

CALL_SECONDS, JOB_SECONDS = 60, 300


def ask_for_gpu(page: gr.Blocks) -> None:
    """Have every event that takes turns ask for one; without the package `spaces`, change nothing.

    Each such call then runs in a process of its own.
    """
    try:
        import spaces
    except ImportError:
        return
    for event in filter(wants_device, page.fns.values()):
        is_job = event.concurrency_id == JOBS["concurrency_id"]
        seconds = JOB_SECONDS if is_job else CALL_SECONDS
        event.fn = spaces.GPU(duration=seconds)(event.fn)
