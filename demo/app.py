"""The page itself: `lkc demo` or `python -m demo.app`."""

import os
import signal
import sys
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported

import gradio as gr
from starlette.middleware import Middleware

from lkc.errors import InputError

from .api import build_api
from .screen_readers import name_for_screen_readers
from .server import exhibits, latest, temporary_files
from .server.headers import NoSniff
from .server.memory import share_heaps
from .server.offline import stay_offline
from .server.one_device import MAX_WAITING, take_turns
from .server.zero_gpu import ask_for_gpu
from .style import CSS, THEME
from .tabs.about import about
from .tabs.batch import build_batch_tab
from .tabs.fuse import build_fuse_tab
from .tabs.inside import build_inside_tab
from .tabs.kept import remember_tab
from .tabs.latest_choice import HIDE_OUTDATED, KEEP_ORDER
from .tabs.video import MAX_MEGABYTES, build_video_tab
from .tabs.volumes import TAKE_ANY_FILE
from .words.say import say

SETTINGS = {
    "prevent_thread_lock": True,
    "quiet": True,  # Gradio would advise to share the page through its own servers
    "ssr_mode": False,  # which a Space may turn on: the page is tested without
    "max_file_size": f"{MAX_MEGABYTES}mb",
    "share": False,
    "enable_monitoring": False,
    "run_history": False,
    "theme": THEME,
    "css": CSS,
}
TABS = ("fuse", "inside", "batch", "video", "about")


def fill_page(page: gr.Blocks, language: str) -> None:
    """Lay out the page in one language."""
    gr.Navbar(main_page_name="English")
    name_for_screen_readers(page, language)
    for script in (KEEP_ORDER, HIDE_OUTDATED, TAKE_ANY_FILE):
        page.load(None, None, None, js=script)
    remember_tab(page, {name: say(f"{name}_tab", language) for name in TABS})
    gr.Markdown(f"# {say('title', language)}\n{say('lead', language)}", elem_id="title")
    with tab("fuse", language):
        pair = build_fuse_tab(page, language)
    with tab("inside", language) as inside:
        build_inside_tab(inside, *pair, language)
    with tab("batch", language):
        build_batch_tab(language)
    with tab("video", language):
        build_video_tab(language)
    with tab("about", language):
        before, table, after = about(language)
        gr.Markdown(before)
        gr.HTML(table, elem_id="results")
        gr.Markdown(after)


def tab(name: str, language: str) -> gr.Tab:
    """A tab that the address names while it is open."""
    return gr.Tab(say(f"{name}_tab", language), elem_id=f"{name}-tab")


def leave(request: gr.Request) -> None:
    """Give up what is under way for a visitor who has left."""
    latest.forget(request.session_hash)


def build_page() -> gr.Blocks:
    """Build the page: English at the root, Chinese under /zh."""
    temporary_files.use_for_uploads()
    page = gr.Blocks(title=say("page_title", "en"), analytics_enabled=False)
    with page:
        fill_page(page, "en")
        build_api()
    page.unload(leave)
    with page.route(say("language", "zh"), "zh"):
        fill_page(page, "zh")
    take_turns(page)
    ask_for_gpu(page)
    return page.queue(max_size=MAX_WAITING)


def is_loopback(host: str) -> bool:
    """Whether an address is that of this machine for itself alone."""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def serve(
    host: str = "127.0.0.1", port: int = 7860, block: bool = True, mcp: bool = False
) -> gr.Blocks:
    """Serve the page until interrupted, or in the background; with `mcp`, also tools for agents."""
    if mcp and not find_spec("mcp"):
        raise InputError("tools for agents need mcp: pip install 'lkc[mcp]'.")
    share_heaps()
    stay_offline()
    temporary_files.keep_pruning()
    page = build_page()
    if block:  # ends as with Ctrl-C, so that the temporary files go
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        page.launch(
            server_name=host,
            server_port=port,
            mcp_server=mcp,
            # Gradio adds what agents need.
            app_kwargs={"middleware": [Middleware(NoSniff)], "routes": exhibits.ROUTES},
            _frontend=False,  # Gradio would visit itself, and a busy machine takes too long for it.
            **SETTINGS,
        )
    except OSError:
        raise InputError(f"port {port} of {host} cannot be used: choose another one.") from None
    if block:
        print(f"The page is at {page.local_url} (Ctrl-C ends it).", flush=True)
        if not is_loopback(host):
            print("Everybody who reaches this machine can use it, and upload files.", flush=True)
        page.block_thread()
    return page


if __name__ == "__main__":
    serve()
