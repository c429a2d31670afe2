"""The functions behind the first tab, and the words of the page."""

import string

import numpy as np
import pytest
import torch
from PIL import Image

import lkc
from demo.words import chinese
from demo.words import say as words
from demo.words.say import Complaint
from demo.work import fuse_files, nearer_source, results, scores, uploads
from tests.demo.steps import EXAMPLES, NIGHT, write


def test_page_and_library_fuse_alike():
    fusion = fuse_files.fuse_files(*NIGHT, "ir-vis", detail=1.5)
    model = fuse_files.load_method("lite", "ir-vis")
    assert np.array_equal(fusion.fused, lkc.fuse(*NIGHT, model=model, detail=1.5))
    assert set(fusion.seconds) == {"decode", "network"}


@pytest.mark.parametrize("method", fuse_files.METHODS)
def test_every_method_fuses_every_task(method):
    for task in lkc.TASKS:
        first, second = fuse_files.list_examples(EXAMPLES, task)[0]
        fusion = fuse_files.fuse_files(first, second, task, method)
        assert fusion.fused.shape[:2] == fusion.sources[0].shape[:2]
        assert fusion.fused.std() > 10


def test_without_colour_the_result_is_the_luma_of_the_coloured_one():
    coloured, gray = (
        fuse_files.fuse_files(*NIGHT, "ir-vis", colour=c).fused for c in ("keep", "gray")
    )
    assert gray.ndim == 2
    difference = np.abs(gray - coloured @ lkc.io.pixels.LUMA_WEIGHTS)
    assert np.median(difference) <= 1  # rounding; where colour was clipped it is more


def test_heat_counts_for_infrared_only():
    painted = fuse_files.fuse_files(*NIGHT, "ir-vis", colour="heat").fused
    assert np.array_equal(painted, lkc.fuse(*NIGHT, colour="heat"))
    pair = fuse_files.list_examples(EXAMPLES, "mri-pet")[0]
    kept, same = (fuse_files.fuse_files(*pair, "mri-pet", colour=c).fused for c in ("keep", "heat"))
    assert np.array_equal(kept, same)


def test_16_bits_are_fused_at_full_depth_and_shown_at_8(tmp_path):
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    pair = [write(tmp_path / f"{n}.png", image) for n, image in (("a", ramp), ("b", ramp[::-1]))]
    fusion = fuse_files.fuse_files(*pair, "mri-ct")
    assert fusion.fused.dtype == np.uint16
    result, _ = results.save_result(fusion, "mri-ct", *pair)
    assert np.array_equal(lkc.io.image_files.read_image(result.fused), fusion.fused)
    assert lkc.io.image_files.read_image(result.shown).dtype == np.uint8
    assert "16 bit" in results.describe(fusion, 0, "en")


def test_a_file_browsers_cannot_show_is_shown_as_png(tmp_path):
    file = write(tmp_path / "a.tif", np.full((20, 30), 40_000, np.uint16))
    assert lkc.io.image_files.read_image(results.displayable(file)).max() == 40_000 >> 8
    assert results.displayable(NIGHT[0]) == NIGHT[0]


def test_bad_pairs_are_refused_in_one_sentence(tmp_path, monkeypatch):
    small = write(tmp_path / "a.png", np.zeros((32, 48), np.uint8))
    with pytest.raises(Complaint, match=r"48×32 .* 640×480"):
        fuse_files.fuse_files(small, NIGHT[1], "ir-vis")
    with pytest.raises(Complaint, match="no longer") as gone:
        fuse_files.fuse_files(str(tmp_path / "gone.png"), NIGHT[1], "ir-vis")
    assert str(tmp_path) not in words.explain(gone.value, "en")
    assert "红外" in words.explain(gone.value, "zh")
    monkeypatch.setattr(fuse_files, "MAX_MEGAPIXELS", 0.001)
    with pytest.raises(Complaint, match=r"more than the 0\.001 megapixels that this page takes"):
        fuse_files.fuse_files(small, small, "mri-ct")


def test_an_image_that_pillow_takes_for_a_bomb_meets_the_limit_of_the_page(tmp_path, monkeypatch):
    file = write(tmp_path / "a.png", np.zeros((64, 64), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Complaint, match="more than the 16 megapixels"):
        fuse_files.fuse_files(file, file, "mri-ct")


@pytest.mark.parametrize("name", ["scan", "scan.nii", "scan.nii.gz"])
def test_volumes_are_sent_to_the_command_line(tmp_path, name):
    (tmp_path / name).write_bytes(bytes(344) + b"n+1\0")
    with pytest.raises(Complaint, match="need the command line"):
        fuse_files.read_source(tmp_path / name, "MRI")


@pytest.mark.parametrize("detail", [None, "abc", float("nan"), -1, 2.5])
def test_a_detail_that_is_none_is_one_sentence(detail):
    with pytest.raises(Complaint, match="between 0 and 2"):
        fuse_files.fuse_files(*NIGHT, "ir-vis", detail=detail)


def test_a_result_is_named_after_the_first_source(tmp_path):
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    prepared, _ = uploads.prepare_upload(write(tmp_path / "scan 7.tif", values))
    fusion = fuse_files.fuse_files(prepared, prepared, "mri-ct")
    result, _ = results.save_result(fusion, "mri-ct", prepared, prepared)
    assert result.fused.endswith("/scan 7-fused.png")
    assert result.shown.endswith("/scan 7-fused-8-bit.png")


def test_scores_are_the_metrics_of_the_library():
    fusion = fuse_files.fuse_files(*NIGHT, "ir-vis")
    measured = scores.score(fusion.fused, *fusion.sources, "ir-vis")
    expected = lkc.metrics.evaluate(fusion.fused, *fusion.sources)
    assert measured.result == pytest.approx(expected, rel=1e-4)
    ruled = lkc.fuse(*NIGHT, model=lkc.load_model("maximum"))
    assert measured.rules["maximum"]["MI"] == pytest.approx(
        lkc.metrics.evaluate(ruled, *fusion.sources)["MI"], rel=1e-4
    )
    for language in words.TEXT:
        assert scores.table(measured, language).count("<tr>") == 12
        assert "11" in scores.reading(measured, language)


@pytest.mark.parametrize("task", lkc.TASKS)
def test_the_reading_names_the_winners_of_the_table(task):
    pair = fuse_files.list_examples(EXAMPLES, task)[0]
    fusion = fuse_files.fuse_files(*pair, task)
    measured = scores.score(fusion.fused, *fusion.sources, task)
    said = scores.reading(measured, "en")
    for rule, values in measured.rules.items():
        best = [
            k
            for k, v in values.items()
            if v == max(measured.result[k], *(other[k] for other in measured.rules.values()))
        ]
        assert (f"Best for {rule}: {', '.join(best)}." in said) == bool(best)


def test_an_image_too_small_for_the_metrics_is_refused_by_them():
    image = np.full((20, 20), 90, np.uint8)
    with pytest.raises(Complaint, match="41 × 41"):
        scores.score(image, image, image, "mri-ct")


def test_origin_tells_the_sources_apart():
    dark, bright = np.zeros((40, 60), np.uint8), np.full((40, 60), 255, np.uint8)
    fused = dark.copy()
    fused[:, 30:] = 255
    painted, share = nearer_source.origin_map(fused, dark, bright)
    assert share == pytest.approx(0.5, abs=0.01)
    assert painted[20, 10, 0] > painted[20, 10, 2]  # orange: the first
    assert painted[20, 50, 0] < painted[20, 50, 2]  # blue: the second
    assert (
        nearer_source.difference(fused, fused).min()
        == nearer_source.difference(fused, fused).max()
        == 128
    )


def test_where_the_sources_agree_the_origin_is_gray():
    same = np.full((40, 60), 100, np.uint8)
    painted, _ = nearer_source.origin_map(same, same, same)
    assert np.ptp(painted, axis=2).max() == 0


def test_both_languages_say_everything_with_the_same_values():
    texts = words.TEXT["en"], words.TEXT["zh"]
    assert texts[0].keys() == texts[1].keys()
    for key in texts[0]:
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(text[key]) if name}
            for text in texts
        ]
        assert fields[0] == fields[1], key
    assert chinese.METRICS.keys() == lkc.metrics.METRICS.keys()


def test_12_bits_in_a_16_bit_file_are_stretched_and_said(tmp_path):
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    path, window = uploads.prepare_upload(write(tmp_path / "a.png", values))
    low, high = np.percentile(values, [1, 99])
    assert window == pytest.approx((low, high), rel=1e-5)
    stretched = lkc.io.image_files.read_image(path)
    expected = ((values - low) / (high - low)).clip(0, 1)
    assert np.abs(stretched / 65535 - expected).max() < 1e-4
    assert len(np.unique(stretched)) > 0.97 * 4096  # no value inside the window is lost


def test_floats_are_stretched_and_said(tmp_path):
    values = np.linspace(-1000, 3000, 64 * 64, dtype=np.float32).reshape(64, 64)
    file = tmp_path / "hounsfield.tif"
    Image.fromarray(values).save(file)
    path, window = uploads.prepare_upload(str(file))
    assert window == pytest.approx((-960, 2960), abs=1)
    assert lkc.io.image_files.read_image(path).dtype == np.uint16


def test_files_with_full_range_stay_as_they_are(tmp_path):
    full = write(tmp_path / "a.png", np.full((20, 20), 65535, np.uint16))
    broken = tmp_path / "b.png"
    broken.write_text("hello")
    for path in (full, str(broken), NIGHT[1]):
        assert uploads.prepare_upload(path) == (path, None)
    shown, _ = uploads.prepare_upload(write(tmp_path / "c.tif", np.zeros((20, 20), np.uint8)))
    assert shown.endswith(".png")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_a_gpu_fuses_at_half_precision_nearly_alike(precision):
    exact = fuse_files.fuse_files(*NIGHT, "ir-vis").fused.astype(float)
    rough = fuse_files.fuse_files(*NIGHT, "ir-vis", precision=precision).fused
    assert 0 < np.abs(rough - exact).mean() < 2  # gray levels


@pytest.mark.parametrize("gpu", [False, True])
def test_precision_is_offered_where_there_is_a_gpu(monkeypatch, gpu):
    gradio = pytest.importorskip("gradio")
    from demo.tabs import fuse as fuse_tab

    monkeypatch.setattr(fuse_tab, "has_gpu", lambda: gpu)
    with gradio.Blocks(analytics_enabled=False):
        assert fuse_tab.build_controls("en").precision.visible is gpu


def test_an_error_is_shown_as_text_not_as_html():
    sentence = words.sorry(Complaint("zip_path", file="<img src=x>"), "en")
    assert sentence.startswith("**Cannot fuse:** &#60;img")
