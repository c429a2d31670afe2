"""`lkc samples` against a server on this machine: good, wrong, missing and cut files; no server."""

import sys
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO, StringIO
from itertools import product
from pathlib import Path
from threading import Thread

import numpy as np
import pooch
import pytest
from PIL import Image

from lkc.data import make_manifest, read_data_set, read_manifest
from lkc.data.samples import SAMPLES, NoConnectionError, SampleSet, fetch_samples
from lkc.io.image_files import read_image
from lkc.io.pairing import Pairing

RNG = np.random.default_rng(0)


def png(shape):
    buffer = BytesIO()
    Image.fromarray(RNG.integers(0, 256, shape, dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


class Server(ThreadingHTTPServer):
    """Serves `files` by path; `cuts` says how often a file breaks off half way."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.cuts, self.asked = {}, {}, []
        self.address = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        content = self.server.files.get(self.path)
        self.server.asked.append(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.server.cuts.get(self.path, 0) > 0:
            self.server.cuts[self.path] -= 1
            content = content[: len(content) // 2]
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Two pairs on a server, and no waiting between attempts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pooch.core.time, "sleep", lambda seconds: None)
    server = Server()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for pair in "12":
        server.files[f"/ir/{pair}.png"] = png((20, 30))
        server.files[f"/vi/{pair}.png"] = png((20, 30, 3))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def sample(server, tmp_path):
    """The set that the server holds."""
    origin = tmp_path / "origin"
    for path, content in server.files.items():
        (origin / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (origin / path[1:]).write_bytes(content)
    pairs = [(origin / f"ir/{pair}.png", origin / f"vi/{pair}.png") for pair in "12"]
    make_manifest({"test": Pairing(pairs, [], [])}).to_csv(tmp_path / "own.csv", index=False)
    return SampleSet(
        name="Own",
        task="ir-vis",
        url=server.address + "/{folder}/{pair}.png",
        folders=("ir", "vi"),
        pairs=("1", "2"),
        manifest=str(tmp_path / "own.csv"),
        page="https://example.org/own",
        terms="For study only.",
    )


@pytest.fixture
def fetch(sample, tmp_path):
    """Fetch the set: -> number of failures, sentences, files that are there."""

    def run(**changes):
        said = []
        failed = fetch_samples(replace(sample, **changes), tmp_path / "out", said.append)
        there = sorted(
            path.relative_to(tmp_path / "out" / "Own").as_posix()
            for path in (tmp_path / "out").rglob("*")
            if path.is_file()
        )
        return failed, said, there

    return run


ALL = ["ir/1.png", "ir/2.png", "vi/1.png", "vi/2.png"]


def test_good_files(server, fetch):
    assert fetch() == (0, [], ALL)
    assert len(server.asked) == 4
    assert read_image("out/Own/vi/2.png").shape == (20, 30, 3)


def test_what_is_there_is_not_loaded_again(server, fetch, tmp_path):
    fetch()
    (tmp_path / "out/Own/ir/2.png").write_bytes(b"half a fi")  # a copy that was cut
    (tmp_path / "out/Own/vi/1.png").unlink()
    server.asked.clear()
    assert fetch() == (0, [], ALL)
    assert sorted(server.asked) == ["/ir/2.png", "/vi/1.png"]


def test_a_wrong_file_is_not_kept(server, fetch):
    server.files["/ir/1.png"] = png((20, 30))
    server.files["/vi/1.png"] = b"<html>not an image</html>"
    failed, said, there = fetch()
    assert failed == 2
    assert "ir/1.png is not the image that was pinned (its checksum differs): not kept." in said[0]
    assert there == ["ir/2.png", "vi/2.png"]


def test_a_missing_file(server, fetch):
    del server.files["/vi/2.png"]
    failed, said, there = fetch()
    assert failed == 1
    assert said[0].startswith("404 ")
    assert "/vi/2.png" in said[0]
    assert there == ALL[:3]


def test_a_cut_connection_is_tried_again(server, fetch):
    server.cuts["/vi/1.png"] = 2
    assert fetch() == (0, [], ALL)
    assert server.asked.count("/vi/1.png") == 3


def test_a_connection_that_stays_cut(server, fetch):
    server.cuts["/vi/1.png"] = 99
    failed, said, there = fetch()
    assert failed == 1
    assert "was cut while loading 1.png: run the same command again" in said[0]
    assert there == ["ir/1.png", "ir/2.png", "vi/2.png"]
    server.cuts.clear()
    assert fetch() == (0, [], ALL)


def test_without_a_network(server, fetch):
    with pytest.raises(NoConnectionError, match="cannot be reached: samples need"):
        fetch(url="http://127.0.0.1:9/{folder}/{pair}.png")
    assert server.asked == []


def test_a_folder_that_cannot_be_written(fetch, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "Own").write_text("a file")
    failed, said, _ = fetch()
    assert failed == 4
    assert "cannot be written" in said[0]


def offer(sample, monkeypatch):
    for name in list(SAMPLES):
        monkeypatch.delitem(SAMPLES, name)
    monkeypatch.setitem(SAMPLES, sample.name, sample)


@pytest.fixture
def own_set(sample, monkeypatch):
    offer(sample, monkeypatch)


def test_command_asks_first_and_names_the_terms(server, own_set, lkc_command, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("n\n"))
    status, out, _ = lkc_command("samples")
    assert status == 1
    assert "\n  Own: For study only.\n" in out
    assert "https://example.org/own" in out
    assert server.asked == []


def test_command(server, own_set, lkc_command):
    status, out, err = lkc_command("samples", "Own", "--yes", "-o", "here")
    assert status == 0, err
    assert "lkc fuse here/Own/ir here/Own/vi -o fused/Own --task ir-vis" in out
    assert lkc_command("fuse", "here/Own/ir", "here/Own/vi", "-o", "fused/Own")[0] == 0
    del server.files["/vi/2.png"]
    Path("here/Own/vi/2.png").unlink()
    status, _, err = lkc_command("samples", "--yes", "-o", "here")
    assert status == 1
    assert "404" in err
    assert not Path("here/Own/vi/2.png").exists()


def test_command_without_a_network(server, sample, lkc_command, monkeypatch):
    offline = replace(sample, url="http://127.0.0.1:9/{folder}/{pair}.png")
    offer(offline, monkeypatch)
    status, _, err = lkc_command("samples", "--yes")
    assert status == 1
    assert "assets/examples" in err


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("M3FD", "M3FD is not offered"), ("Elsewhere", "unknown set 'Elsewhere'")],
)
def test_command_with_other_names(lkc_command, name, sentence):
    status, _, err = lkc_command("samples", name, "--yes")
    assert status == 2
    assert sentence in err


def test_list_names_what_is_left_out_and_why(lkc_command):
    status, out, _ = lkc_command("samples", "--list")
    assert status == 0
    assert "MSRS (ir-vis): 3 pairs" in out
    for name in ("TNO", "M3FD"):
        assert f"{name}: not offered" in out


def test_without_pooch(fetch, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    failed, said, _ = fetch()
    assert failed == 4
    assert 'pip install "lkc[samples]"' in said[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_found_by_the_readers(name, tmp_path):
    sample = SAMPLES[name]
    for pair, folder in product(sample.pairs, sample.folders):
        path = tmp_path / sample.name / folder / f"{pair}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    data_set = sample.name.partition("/")[0]
    (part,) = read_data_set(data_set, tmp_path / data_set)
    assert part.task == sample.task
    assert len(part.pairing.pairs) == len(sample.pairs)
    assert {first.parent.name for first, _ in part.pairing.pairs} == {sample.folders[0]}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_offered_pair_is_pinned_and_stated(name):
    sample = SAMPLES[name]
    table = read_manifest(sample.manifest).set_index("pair")
    told = "trained on them" in sample.terms
    assert set(table.loc[list(sample.pairs), "split"]) == {"train" if told else "test"}
    address = sample.url.format(folder=sample.folders[0], pair=sample.pairs[0])
    commit = address.split("/")[5]
    assert len(commit) == 40
    assert int(commit, 16)
    assert set("{}").isdisjoint(address)
