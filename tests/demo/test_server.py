"""What the server does besides computing: it deletes files, hands out turns, borrows GPUs."""

import functools
import shutil
import sys
import tempfile
import threading
import time
import tomllib
import types
from pathlib import Path

import pytest

import lkc
from demo.server import temporary_files
from demo.words import say as words
from tests.demo.steps import NIGHT


def test_what_is_old_is_deleted_without_visitors(monkeypatch, tmp_path):
    root = tempfile.TemporaryDirectory(dir=tmp_path)
    monkeypatch.setattr(temporary_files, "root_folder", lambda: root)
    monkeypatch.setattr(temporary_files, "KEEP_SECONDS", -1)
    monkeypatch.setattr(temporary_files, "PRUNE_SECONDS", 0.01)
    examples = temporary_files.keep_copy(Path(__file__).parent)
    (temporary_files.new_folder() / "fused.png").write_bytes(b"a result")
    (Path(root.name) / "tmp1").write_bytes(b"half an upload")
    temporary_files.keep_pruning.cache_clear()
    temporary_files.keep_pruning()
    for _ in range(500):
        if list(Path(root.name).iterdir()) == [examples]:
            break
        time.sleep(0.02)
    assert list(Path(root.name).iterdir()) == [examples]
    assert (examples / Path(__file__).name).exists()


def test_what_is_new_is_kept(monkeypatch, tmp_path):
    root = tempfile.TemporaryDirectory(dir=tmp_path)
    monkeypatch.setattr(temporary_files, "root_folder", lambda: root)
    folder = temporary_files.new_folder()
    temporary_files.prune()
    assert folder.exists()


def test_between_two_steps_of_a_job_who_waits_has_its_turn():
    turns = pytest.importorskip("demo.server.one_device")
    steps = []

    def job():
        for number in range(2):
            steps.append(f"step {number}")
            yield number

    def call():
        steps.append("call")

    running = turns.in_turns(job)()
    with turns.turn():
        visitor = threading.Thread(target=turns.in_turns(call))
        visitor.start()
        while not turns.next_in_line.locked():
            time.sleep(0.001)
    assert list(running) == [0, 1]
    visitor.join()
    assert steps == ["call", "step 0", "step 1"]


def test_a_job_holds_the_device_during_its_steps_only():
    turns = pytest.importorskip("demo.server.one_device")
    held = []

    def job():
        try:
            held.append(turns.device.locked())
            yield
        finally:
            held.append("closed")

    steps = turns.in_turns(job)()
    next(steps)
    assert not turns.device.locked()
    steps.close()
    assert held == [True, "closed"]


QUEUES = {"fuse", "jobs", "background"}


@pytest.fixture(scope="module")
def queued() -> list:
    """Events of the queues that share the device."""
    pytest.importorskip("gradio")
    from demo.app import build_page

    return [e for e in build_page().fns.values() if e.concurrency_id in QUEUES]


def test_every_event_of_these_queues_takes_turns(queued):
    assert {event.concurrency_id for event in queued} == QUEUES
    assert all(hasattr(event.fn, "__wrapped__") for event in queued)


def test_on_zero_gpu_every_job_of_the_queue_asks_for_a_gpu(monkeypatch, queued):
    from demo.app import build_page

    asked = {}

    def lend(duration):
        def mark(function):
            @functools.wraps(function)
            def call(*given):
                return function(*given)

            asked[function.__name__] = duration
            return call

        return mark

    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=lend))
    page = build_page()
    assert set(asked) == {event.name for event in queued}
    assert asked["fuse"] == asked["evaluate"] == 60
    assert asked["do_job"] == 300
    fuse = next(event.fn for event in page.fns.values() if event.api_name == "fuse")
    pair = [shutil.copy(path, temporary_files.new_folder()) for path in NIGHT]
    file, status = fuse(*({"path": path} for path in pair), "ir-vis", "lite", 1.0, True)
    assert Path(file).suffix == ".png"
    assert status


def test_a_space_installs_what_the_package_needs():
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["demo"]]
    lines = (root / "demo" / "requirements.txt").read_text().splitlines()
    assert {line for line in lines if not line.startswith("#")} == set(needed)


def test_a_full_disk_is_said_without_the_servers_folders():
    written = temporary_files.new_folder() / "night-fused.png"
    error = lkc.InputError(f"{written} cannot be written: Input/output error.")
    said = words.explain(error, "en")
    assert said == "night-fused.png cannot be written: Input/output error."
    assert words.explain(error, "zh") == "night-fused.png 无法写入。"


def test_the_load_test_counts_a_full_queue_as_a_refusal(monkeypatch):
    gradio_client = pytest.importorskip("gradio_client")
    from gradio_client.utils import QueueError

    from benchmarks import load

    class Busy:
        def __init__(self, *given, **options): ...

        def predict(self, *given, **options):
            raise QueueError("Queue is full! Please try again.")

    monkeypatch.setattr(gradio_client, "Client", Busy)
    clock = types.SimpleNamespace(monotonic=iter([0.0, 1.0, 3.0]).__next__)
    monkeypatch.setattr(load, "time", clock)  # of that module alone: servers run in this process
    tally = load.Tally()
    load.keep_fusing("http://127.0.0.1", 2.0, tally)
    assert (tally.refused, tally.failures) == (1, [])


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False)],
)
def test_who_serves_a_network_is_told_so(host, alone):
    app = pytest.importorskip("demo.app")
    assert app.is_loopback(host) is alone


def test_the_page_starts_where_a_visit_to_itself_takes_too_long(monkeypatch):
    pytest.importorskip("gradio")
    from gradio import networking

    from demo.app import serve
    from tests.demo.steps import free_port

    monkeypatch.setattr(networking, "url_ok", lambda url: False)
    page = serve(port=free_port(), block=False)
    page.close()
