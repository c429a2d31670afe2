"""The functions behind the page."""

import functools
import sys
import tomllib
import types
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

import lkc
from demo import batch, batch_tab, files, inference, labels, origin, results, scoring, uploads
from demo.jobs import stop_requests
from demo.labels import Complaint
from lkc.analysis.features import plain_network
from lkc.network import FusionNet

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
NIGHT = [str(EXAMPLES / "ir-vis" / folder / "night.png") for folder in ("ir", "vis")]


def write(path: Path, pixels: np.ndarray) -> str:
    cv2.imwrite(str(path), pixels)
    return str(path)


def test_page_and_library_fuse_alike():
    fusion = inference.fuse_files(*NIGHT, "ir-vis", detail=1.5)
    model = inference.load_method("lite", "ir-vis")
    assert np.array_equal(fusion.fused, lkc.fuse(*NIGHT, model=model, detail=1.5))
    assert set(fusion.seconds) == {"decode", "network"}


@pytest.mark.parametrize("method", inference.METHODS)
def test_every_method_fuses_every_task(method):
    for task in lkc.TASKS:
        first, second = inference.list_examples(EXAMPLES, task)[0]
        fusion = inference.fuse_files(first, second, task, method)
        assert fusion.fused.shape[:2] == fusion.sources[0].shape[:2]
        assert fusion.fused.std() > 10


def test_without_colour_the_result_is_the_luma_of_the_coloured_one():
    coloured, gray = (
        inference.fuse_files(*NIGHT, "ir-vis", colour=colour).fused for colour in (True, False)
    )
    assert gray.ndim == 2
    difference = np.abs(gray.astype(float) - inference.without_colour(coloured))
    assert np.median(difference) <= 1  # rounding; where colour was clipped it is more


def test_16_bits_are_fused_at_full_depth_and_shown_at_8(tmp_path):
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    pair = [write(tmp_path / f"{n}.png", image) for n, image in (("a", ramp), ("b", ramp[::-1]))]
    fusion = inference.fuse_files(*pair, "mri-ct")
    assert fusion.fused.dtype == np.uint16
    result, _ = results.save_result(fusion, "mri-ct", *pair)
    assert np.array_equal(lkc.images.read_image(result.fused), fusion.fused)
    assert lkc.images.read_image(result.shown).dtype == np.uint8
    assert "16 bit" in results.describe(fusion, 0, "en")


def test_a_file_browsers_cannot_show_is_shown_as_png(tmp_path):
    file = write(tmp_path / "a.tif", np.full((20, 30), 40_000, np.uint16))
    assert lkc.images.read_image(results.displayable(file)).max() == 40_000 >> 8
    assert results.displayable(NIGHT[0]) == NIGHT[0]


def test_bad_pairs_are_refused_in_one_sentence(tmp_path, monkeypatch):
    small = write(tmp_path / "a.png", np.zeros((32, 48), np.uint8))
    with pytest.raises(Complaint, match=r"48×32 .* 640×480"):
        inference.fuse_files(small, NIGHT[1], "ir-vis")
    with pytest.raises(Complaint, match="no longer") as gone:
        inference.fuse_files(str(tmp_path / "gone.png"), NIGHT[1], "ir-vis")
    assert str(tmp_path) not in labels.explain(gone.value, "en")
    assert "红外" in labels.explain(gone.value, "zh")
    monkeypatch.setattr(inference, "MAX_MEGAPIXELS", 0.001)
    with pytest.raises(Complaint, match="megapixels"):
        inference.fuse_files(small, small, "mri-ct")


def test_scores_are_the_metrics_of_the_library():
    fusion = inference.fuse_files(*NIGHT, "ir-vis")
    scores = scoring.score(fusion.fused, *fusion.sources, "ir-vis")
    expected = lkc.metrics.evaluate(fusion.fused, *fusion.sources)
    assert scores.result == pytest.approx(expected, rel=1e-4)
    ruled = lkc.fuse(*NIGHT, model=lkc.load_model("maximum"))
    assert scores.rules["maximum"]["MI"] == pytest.approx(
        lkc.metrics.evaluate(ruled, *fusion.sources)["MI"], rel=1e-4
    )
    for language in labels.TEXT:
        assert scoring.table(scores, language).count("<tr>") == 12
        assert "11" in scoring.reading(scores, language)


def test_an_image_too_small_for_the_metrics_is_refused_by_them():
    image = np.full((20, 20), 90, np.uint8)
    with pytest.raises(Complaint, match="41 × 41"):
        scoring.score(image, image, image, "mri-ct")


def test_origin_tells_the_sources_apart():
    dark, bright = np.zeros((40, 60), np.uint8), np.full((40, 60), 255, np.uint8)
    fused = dark.copy()
    fused[:, 30:] = 255
    painted, share = origin.origin_map(fused, dark, bright)
    assert share == pytest.approx(0.5, abs=0.01)
    assert painted[20, 10, 0] > painted[20, 10, 2]  # orange: the first
    assert painted[20, 50, 0] < painted[20, 50, 2]  # blue: the second
    assert origin.difference(fused, fused).min() == origin.difference(fused, fused).max() == 128


def test_where_the_sources_agree_the_origin_is_gray():
    same = np.full((40, 60), 100, np.uint8)
    painted, _ = origin.origin_map(same, same, same)
    assert np.ptp(painted, axis=2).max() == 0


def test_both_languages_say_everything_with_the_same_values():
    import string

    english, chinese = labels.TEXT["en"], labels.TEXT["zh"]
    assert english.keys() == chinese.keys()
    for key in english:
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text[key]) if name}
            for text in (english, chinese)
        ]
        assert fields[0] == fields[1], key
    assert labels.METRICS_ZH.keys() == lkc.metrics.METRICS.keys()


def test_old_results_are_deleted(monkeypatch):
    old = files.new_folder()
    monkeypatch.setattr(files, "KEEP_SECONDS", -1)
    assert files.new_folder().exists()
    assert not old.exists()


@pytest.fixture
def pairs(tmp_path) -> tuple[list[str], list[str]]:
    """Three pairs and an orphan; the pair "bad" has two sizes."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64), np.uint8)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    names = ("1.png", "2.png", "bad.png", "alone.png")
    first = [write(tmp_path / "a" / name, noise) for name in names]
    second = [write(tmp_path / "b" / name, noise[::-1]) for name in names[:2]]
    second.append(write(tmp_path / "b" / "bad.png", noise[:32]))
    return first, second


def fuse_batch(first, second, task="mri-ct", measure=True) -> batch.Batch:
    return list(batch.fuse_all(first, second, task, "maximum", 1, measure))[-1]


def test_batch_fuses_what_matches_and_names_what_does_not(pairs):
    done = fuse_batch(*pairs)
    assert [path.name for path in done.done] == ["1.png", "2.png"]
    assert "64×48" in labels.explain(done.errors["bad"], "en")
    assert [path.name for path in done.pairing.first_only] == ["alone.png"]
    assert batch.write_table(done).read_text().splitlines()[0].startswith("pair,EN,MI")
    with zipfile.ZipFile(batch.pack(done)) as archive:
        assert archive.namelist() == ["1.png", "2.png", "metrics.csv"]


def test_a_stopped_batch_ends_with_what_was_done(pairs):
    steps = batch_tab.run(pairs, "mine", ("mri-ct", "maximum", 1.0, True), "en", lambda *a, **k: 0)
    shown = [next(steps)[0], next(steps)[0]]
    stop_requests.update({"mine", "other"})
    status, gallery, *buttons = next(steps)
    assert shown == ["0 / 3", "1 / 3"]
    assert status.startswith("Fused 2 of 3 pairs")  # the one under way when the request came, too
    assert [name for _, name in gallery] == ["1", "2"]
    assert all(button["interactive"] for button in buttons)
    assert not list(steps)
    assert stop_requests == {"other"}
    stop_requests.clear()


def zip_files(path: Path, members: dict[str, str]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in members.items():
            archive.write(file, name)
    return str(path)


def test_batch_takes_one_zip_with_both_folders(pairs, tmp_path):
    members = {"set/mri/1.png": pairs[0][0], "set/ct/1.png": pairs[1][0]}
    one = fuse_batch([zip_files(tmp_path / "both.zip", members)], [], measure=False)
    assert [path.name for path in one.done] == ["1.png"]
    assert not one.scores


def test_batch_takes_a_zip_for_each_source(pairs, tmp_path):
    first = zip_files(tmp_path / "first.zip", {"x/1.png": pairs[0][0]})
    second = zip_files(tmp_path / "second.zip", {"1.png": pairs[1][0]})
    assert len(fuse_batch([first], [second]).done) == 1


@pytest.mark.parametrize("name", ["../1.png", "/1.png", "..\\1.png", "C:\\1.png"])
def test_a_zip_that_leaves_its_folder_is_not_opened(pairs, tmp_path, name):
    bad = zip_files(tmp_path / "bad.zip", {"1.png": pairs[0][0]})
    data = Path(bad).read_bytes()
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), data)
    with pytest.raises(Complaint, match=r"bad\.zip holds a file name"):
        fuse_batch([bad], pairs[1])


def test_a_zip_bomb_is_not_opened(pairs, tmp_path, monkeypatch):
    (tmp_path / "zeros.png").write_bytes(bytes(2_000_000))
    bomb = zip_files(tmp_path / "bomb.zip", {"1.png": str(tmp_path / "zeros.png")})
    assert Path(bomb).stat().st_size < 10_000
    monkeypatch.setattr(batch, "MAX_MEGABYTES", 1)
    with pytest.raises(Complaint, match="unpacks to more than 1 MB"):
        fuse_batch([bomb], pairs[1])


def test_batch_explains_what_it_cannot_use(pairs, tmp_path, monkeypatch):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK no")
    for first, second, words in (
        ([str(broken)], pairs[1], "not a ZIP"),
        (pairs[0], [], "both sources"),
        ([pairs[0][3]], pairs[1], "no file name occurs in both"),
    ):
        with pytest.raises(Complaint, match=words):
            fuse_batch(first, second)
    monkeypatch.setattr(batch, "MAX_PAIRS", 1)
    with pytest.raises(Complaint, match="3 pairs are more"):
        fuse_batch(*pairs)


def test_batch_stops_in_time_and_keeps_what_was_done(pairs, monkeypatch):
    monkeypatch.setattr(batch, "MAX_SECONDS", -1)
    stopped = fuse_batch(*pairs)
    assert stopped.late
    assert not stopped.done


def test_12_bits_in_a_16_bit_file_are_stretched_and_said(tmp_path):
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    path, window = uploads.prepare_upload(write(tmp_path / "a.png", values))
    assert window == (0, 4095)
    stretched = lkc.images.read_image(path)
    assert stretched.max() == 65535
    assert len(np.unique(stretched)) == 4096  # no value lost


def test_floats_are_stretched_and_said(tmp_path):
    values = np.linspace(-1000, 3000, 64 * 64, dtype=np.float32).reshape(64, 64)
    file = tmp_path / "hounsfield.tif"
    Image.fromarray(values).save(file)
    path, window = uploads.prepare_upload(str(file))
    assert window == (-1000, 3000)
    assert lkc.images.read_image(path).dtype == np.uint16


def test_files_with_full_range_stay_as_they_are(tmp_path):
    full = write(tmp_path / "a.png", np.full((20, 20), 65535, np.uint16))
    broken = tmp_path / "b.png"
    broken.write_text("hello")
    for path in (full, str(broken), NIGHT[1]):
        assert uploads.prepare_upload(path) == (path, None)
    shown, _ = uploads.prepare_upload(write(tmp_path / "c.tif", np.zeros((20, 20), np.uint8)))
    assert shown.endswith(".png")


def test_a_full_disk_is_said_without_the_servers_folders():
    written = files.new_folder() / "night-fused.png"
    error = lkc.InputError(f"{written} cannot be written: Input/output error.")
    said = labels.explain(error, "zh")
    assert said == "night-fused.png cannot be written: Input/output error."


def test_on_zero_gpu_every_job_of_the_queue_asks_for_a_gpu(monkeypatch):
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

    plain = {event.name for event in build_page().fns.values() if event.concurrency_id == "fuse"}
    assert not asked  # nobody lends one here
    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=lend))
    page = build_page()
    assert set(asked) == plain
    assert asked["fuse"] == asked["evaluate"] == 60
    assert asked["fuse_batch"] == asked["fuse_video"] == 300
    fuse = next(event.fn for event in page.fns.values() if event.api_name == "fuse")
    file, status = fuse(*NIGHT, "ir-vis", "lite", 1.0, True)
    assert Path(file).suffix == ".png"
    assert status


def test_a_space_installs_what_the_package_needs():
    root = Path(__file__).parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["demo"]]
    lines = (root / "demo" / "requirements.txt").read_text().splitlines()
    assert {line for line in lines if not line.startswith("#")} == set(needed)


def test_half_precision_stays_close_and_returns_the_network_s_own_shape():
    network = inference.load_method("lite", "ir-vis")
    sources = torch.rand(1, 2, 48, 64, device=next(network.parameters()).device)
    with torch.inference_mode():
        exact, rough = network(sources), inference.HalfPrecision(network, torch.bfloat16)(sources)
    assert rough.shape == exact.shape
    assert 0 < (rough - exact).abs().max() < 0.05


def test_without_a_gpu_every_precision_is_the_same_network(monkeypatch):
    monkeypatch.setattr(inference, "has_gpu", lambda: False)
    inference.load_method.cache_clear()
    for precision in inference.PRECISIONS:
        model = inference.load_method("lite", "ir-vis", precision)
        assert isinstance(plain_network(model), FusionNet)
    inference.load_method.cache_clear()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_a_gpu_fuses_at_half_precision_nearly_alike(precision):
    exact = inference.fuse_files(*NIGHT, "ir-vis").fused.astype(float)
    rough = inference.fuse_files(*NIGHT, "ir-vis", precision=precision).fused
    assert 0 < np.abs(rough - exact).mean() < 2  # gray levels


@pytest.mark.parametrize("gpu", [False, True])
def test_precision_is_offered_where_there_is_a_gpu(monkeypatch, gpu):
    gradio = pytest.importorskip("gradio")
    from demo import fuse_tab

    monkeypatch.setattr(fuse_tab, "has_gpu", lambda: gpu)
    with gradio.Blocks(analytics_enabled=False):
        assert fuse_tab.build_controls("en").precision.visible is gpu


def test_an_error_is_shown_as_text_not_as_html():
    sentence = labels.sorry(Complaint("zip_path", file="<img src=x>"), "en")
    assert sentence.startswith("**Cannot fuse:** &lt;img")
