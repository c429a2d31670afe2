"""Fixtures: the page on a free port, a client for its endpoints, a browser that watches it."""

import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.demo.steps import PATIENCE, free_port

WEB = Path(__file__).parents[2] / "demo" / "web"


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


@pytest.fixture(scope="session")
def web_packages() -> Path:
    """The folder of what npm installs for the page that fuses in the browser, and for tests."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("needs node and npm")
    installed = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        done = subprocess.run([npm, "ci"], cwd=WEB, capture_output=True, text=True, check=False)
        if "ENOTFOUND" in done.stderr or "ETIMEDOUT" in done.stderr or "ECONN" in done.stderr:
            pytest.skip("needs the registry that npm is set up for")
        assert done.returncode == 0, done.stderr
    return installed.parent


@pytest.fixture(scope="session")
def built_web(tmp_path_factory, web_packages) -> Path:
    """The page that fuses in the browser, with a task that has colour and one that has none."""
    pytest.importorskip("onnxscript")
    from lkc.export import export_onnx

    folder = tmp_path_factory.mktemp("site")
    subprocess.run(["node", WEB / "build.mjs", folder], check=True)
    (folder / "models").mkdir()
    for task in ("ir-vis", "mri-ct"):
        export_onnx(folder / "models" / f"{task}.onnx", task)
        export_onnx(folder / "models" / f"nano-{task}.onnx", task, preset="nano")
    return folder


@contextmanager
def serving(folder: Path, isolated: bool) -> Iterator[str]:
    """A folder behind a server on this machine, with the headers for threads or without."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def end_headers(self):
            if isolated:
                self.send_header("Cross-Origin-Opener-Policy", "same-origin")
                self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
            super().end_headers()

    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def isolated_site(built_web) -> Iterator[str]:
    with serving(built_web, isolated=True) as address:
        yield address


@pytest.fixture(scope="session")
def plain_site(built_web) -> Iterator[str]:
    with serving(built_web, isolated=False) as address:
        yield address


@pytest.fixture
def watched(page, complaints):
    """A page that must not complain, send anything, or speak to another machine."""
    urls = []
    page.on("request", lambda request: urls.append((request.method, request.url)))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
    yield page
    assert {method for method, _ in urls} == {"GET"}  # nothing is sent
    starts = ("http://127.0.0.1:", "blob:", "data:")
    assert not [url for _, url in urls if not url.startswith(starts)]
    assert not complaints


@pytest.fixture
def opened_web(isolated_site, watched):
    """Open the page on its WebAssembly path and watch it: (language, width) -> page."""

    def go(language: str = "en", width: int = 1280):
        watched.set_viewport_size({"width": width, "height": 900})
        watched.goto(f"{isolated_site}/?backend=wasm&lang={language}")
        watched.locator("#status").filter(has_text=".").or_(
            watched.get_by_text("等待")
        ).first.wait_for()
        return watched

    return go
