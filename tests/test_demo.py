"""The functions behind the page."""

from pathlib import Path

import cv2
import numpy as np
import pytest

import lkc
from demo import files, inference, labels, numbers, origin, results
from demo.labels import Complaint

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
    scores = numbers.score(fusion.fused, *fusion.sources, "ir-vis")
    expected = lkc.metrics.evaluate(fusion.fused, *fusion.sources)
    assert scores.result == pytest.approx(expected, rel=1e-4)
    ruled = lkc.fuse(*NIGHT, model=lkc.load_model("maximum"))
    assert scores.rules["maximum"]["MI"] == pytest.approx(
        lkc.metrics.evaluate(ruled, *fusion.sources)["MI"], rel=1e-4
    )
    for language in labels.TEXT:
        assert numbers.table(scores, language).count("<tr>") == 12
        assert "11" in numbers.reading(scores, language)


def test_an_image_too_small_for_the_metrics_is_refused_by_them():
    image = np.full((20, 20), 90, np.uint8)
    with pytest.raises(Complaint, match="41 × 41"):
        numbers.score(image, image, image, "mri-ct")


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
