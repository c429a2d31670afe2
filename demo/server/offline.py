"""No request to another host: Gradio would fetch any address that a visitor gives as a file."""

import gradio as gr
import safehttpx
from gradio import processing_utils


async def refuse(host: str) -> str:
    """Stand in for the look-up of a host."""
    sentence = "give the file itself: nothing is fetched from other hosts."
    raise gr.Error(sentence, print_exception=False)


def stay_offline() -> None:
    """Replace Gradio's look-up of hosts, since it has no setting for this."""
    processing_utils.PUBLIC_HOSTNAME_WHITELIST.clear()  # these it would not look up
    safehttpx.async_validate_url = refuse
