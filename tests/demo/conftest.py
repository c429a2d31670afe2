"""Fixtures: the page on a free port, a client for its endpoints, a browser that watches it."""

import pytest

from tests.demo.steps import PATIENCE, free_port


@pytest.fixture(scope="session")
def blocks():
    """The page, served in the background."""
    from demo.app import serve

    page = serve(port=free_port(), block=False)
    yield page
    page.close()


@pytest.fixture(scope="session")
def server(blocks) -> str:
    return blocks.local_url.rstrip("/")


@pytest.fixture(scope="session")
def client(server):
    from gradio_client import Client

    return Client(server, analytics_enabled=False, verbose=False)


@pytest.fixture
def context(context):
    """A visitor's browser, with patience."""
    from playwright.sync_api import expect

    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return context


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console said; a test that expects something empties it."""
    return []


@pytest.fixture
def opened(server, page, complaints):
    """Open the page in a browser and watch it: (path, width, height) -> page."""
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))

    def go(path: str = "", width: int = 1280, height: int = 900):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{server}/{path}")
        page.wait_for_selector("#fused img")
        return page

    yield go
    assert {host for host in hosts if host} <= {server.split("/")[2]}
    assert not complaints
