"""The functions behind the first tab, and the words of the page."""

import string

import numpy as np
import pytest
import torch
from PIL import Image

import lkc
from demo import inference, labels, origin, results, scoring, uploads
from demo.labels import Complaint
from lkc.analysis.features import plain_network
from lkc.network import FusionNet
from tests.demo_steps import EXAMPLES, NIGHT, write


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
    with pytest.raises(Complaint, match=r"more than the 0\.001 megapixels that this page takes"):
        inference.fuse_files(small, small, "mri-ct")


def test_an_image_that_pillow_takes_for_a_bomb_meets_the_limit_of_the_page(tmp_path, monkeypatch):
    file = write(tmp_path / "a.png", np.zeros((64, 64), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Complaint, match="more than the 16 megapixels"):
        inference.fuse_files(file, file, "mri-ct")


@pytest.mark.parametrize("name", ["scan", "scan.dcm", "scan.nii.gz"])
def test_volumes_and_dicom_are_sent_to_the_command_line(tmp_path, name):
    (tmp_path / name).write_bytes(bytes(128) + b"DICM")
    with pytest.raises(Complaint, match="need the command line"):
        inference.read_source(tmp_path / name, "MRI")


@pytest.mark.parametrize("detail", [None, "abc", float("nan"), -1, 2.5])
def test_a_detail_that_is_none_is_one_sentence(detail):
    with pytest.raises(Complaint, match="between 0 and 2"):
        inference.fuse_files(*NIGHT, "ir-vis", detail=detail)


def test_a_result_is_named_after_the_first_source(tmp_path):
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    prepared, _ = uploads.prepare_upload(write(tmp_path / "scan 7.tif", values))
    fusion = inference.fuse_files(prepared, prepared, "mri-ct")
    result, _ = results.save_result(fusion, "mri-ct", prepared, prepared)
    assert result.fused.endswith("/scan 7-fused.png")
    assert result.shown.endswith("/scan 7-fused-8-bit.png")


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


@pytest.mark.parametrize("task", lkc.TASKS)
def test_the_reading_names_the_winners_of_the_table(task):
    pair = inference.list_examples(EXAMPLES, task)[0]
    fusion = inference.fuse_files(*pair, task)
    scores = scoring.score(fusion.fused, *fusion.sources, task)
    said = scoring.reading(scores, "en")
    for rule, values in scores.rules.items():
        best = [
            k
            for k, v in values.items()
            if v == max(scores.result[k], *(other[k] for other in scores.rules.values()))
        ]
        assert (f"Best for {rule}: {', '.join(best)}." in said) == bool(best)


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
    english, chinese = labels.TEXT["en"], labels.TEXT["zh"]
    assert english.keys() == chinese.keys()
    for key in english:
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text[key]) if name}
            for text in (english, chinese)
        ]
        assert fields[0] == fields[1], key
    assert labels.METRICS_ZH.keys() == lkc.metrics.METRICS.keys()


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
