"""`lkc demo`: serve the web page."""

from typing import Annotated

import typer

from lkc.errors import InputError


def demo(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    mcp: Annotated[bool, typer.Option(help="Also serve fuse and evaluate as MCP tools.")] = False,
) -> None:
    """Serve the web page where pairs are dropped and fused."""
    try:
        from lkc_demo.app import serve
    except ModuleNotFoundError as error:
        raise InputError(
            f"the page needs {error.name}: install it with  pip install 'lkc[demo]'."
        ) from None
    serve(host, port, mcp=mcp)
