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
from filelock import FileLock

from tests.demo.steps import free_port, open_tab, upload_small_pair, wait_for_findings

LEAVING = "This page is being left."  # It says so itself.
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
def complaints() -> list[str]:
    """What the browser's console said; a test that expects something empties it."""
    return []


@pytest.fixture
def few_fields(monkeypatch) -> None:
    """Measure two fields for the mouse, not 48, which would take five seconds of a core."""
    monkeypatch.setattr("demo.work.field_grid.ROWS", 1)
    monkeypatch.setattr("demo.work.field_grid.COLUMNS", 2)


@pytest.fixture
def opened(server, page, complaints, few_fields):
    """Open the page in a browser and watch it: (path, width, height) -> page.

    What a page says while it is being left does not count: Gradio complains of its own connections,
    which it closes then, wherever the next page keeps a visitor waiting.
    """
    hosts, left = set(), []
    page.add_init_script(f"addEventListener('beforeunload', () => console.debug('{LEAVING}'))")
    page.on("framenavigated", lambda _: left.clear())
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: left or complaints.append(str(error)))

    def listen(message) -> None:
        if message.text == LEAVING:
            left.append(True)
        elif message.type == "error" and not left:
            complaints.append(message.text)

    page.on("console", listen)

    def go(path: str = "", width: int = 1280, height: int = 900):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{server}/{path}")
        page.wait_for_selector("#fused img")
        return page

    yield go
    assert {host for host in hosts if host} <= {server.split("/")[2]}
    assert not complaints


@pytest.fixture
def looked_inside(opened, tmp_path):
    """The page after a small pair was looked into."""
    page = opened()
    upload_small_pair(page, tmp_path)
    open_tab(page, "Look inside")
    wait_for_findings(page)
    return page


@pytest.fixture(scope="session")
def of_all_workers(tmp_path_factory, worker_id) -> Path:
    """A folder that the processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def web_packages(of_all_workers) -> Path:
    """The folder of what npm installs for the page that fuses in the browser, and for tests."""
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        pytest.skip("needs node and npm")
    installed = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    with FileLock(of_all_workers / "npm.lock"):
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            done = subprocess.run([npm, "ci"], cwd=WEB, capture_output=True, text=True, check=False)
            if any(code in done.stderr for code in ("ENOTFOUND", "ETIMEDOUT", "ECONN")):
                pytest.skip("needs the registry that npm is set up for")
            assert done.returncode == 0, done.stderr
    return installed.parent


@pytest.fixture(scope="session")
def built_web(of_all_workers, web_packages) -> Path:
    """The page that fuses in the browser, with a task that has colour and one that has none.

    One process builds it, and the others of this run wait for it.
    """
    pytest.importorskip("onnxscript")
    site = of_all_workers / "site"
    with FileLock(of_all_workers / "site.lock"):
        if not site.exists():
            build_web(of_all_workers / "unfinished").rename(site)
    return site


def build_web(folder: Path) -> Path:
    """Build the page, and the networks of two tasks, into a folder."""
    from lkc.export import export_onnx

    subprocess.run(["node", WEB / "build.mjs", folder], check=True)
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
