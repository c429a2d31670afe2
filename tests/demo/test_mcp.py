"""The page's endpoints as tools for agents, `lkc demo --mcp`."""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import lkc
from tests.demo.steps import free_port

pytest.importorskip("gradio")
EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
NIGHT = [EXAMPLES / "ir-vis" / folder / "night.png" for folder in ("ir", "vis")]


def as_data(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


async def talk(url: str, arguments: dict) -> tuple[dict, list]:
    """Tools by name, and answers of `fuse` to a good and a bad call."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async with streamablehttp_client(url) as (read, write, _), ClientSession(read, write) as agent:
        await agent.initialize()
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        calls = (arguments, {**arguments, "task": "none"})
        return tools, [await agent.call_tool("fuse", call) for call in calls]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_agent_finds_the_tools_and_fuses():
    pytest.importorskip("mcp")
    from demo.app import serve

    port = free_port()
    page = serve(port=port, block=False, mcp=True)
    try:
        first, second = map(as_data, NIGHT)
        arguments = {"first": first, "second": second, "task": "ir-vis", "method": "maximum"}
        url = f"http://127.0.0.1:{port}/gradio_api/mcp/"
        with ThreadPoolExecutor(1) as pool:  # Playwright keeps a loop running in this thread
            tools, (answer, refusal) = pool.submit(asyncio.run, talk(url, arguments)).result()
    finally:
        page.close()
    assert tools.keys() == {"fuse", "evaluate"}
    assert "registered pair" in tools["fuse"].description
    assert not answer.isError
    assert "640 × 480" in answer.content[-1].text
    assert refusal.isError
    assert "ir-vis" in refusal.content[0].text
    serve(port=free_port(), block=False).close()  # nothing of the tools' server is left for it


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch):
    from demo import app

    monkeypatch.setattr(app, "find_spec", lambda name: None)
    with pytest.raises(lkc.InputError, match=r"lkc\[mcp\]"):
        app.serve(block=False, mcp=True)
