"""A comparison sheet keeps every pixel, and draws words or refuses them."""

import numpy as np
import pytest

from lkc.errors import InputError
from lkc.viz import comparison_sheet, sheet

CHANCE = np.random.default_rng(0)


def is_in(picture: np.ndarray, whole: np.ndarray) -> bool:
    """Whether a picture (H, W, 3) lies somewhere in a larger one."""
    height, width = picture.shape[:2]
    starts = np.argwhere((whole[: 1 - height or None, : 1 - width or None] == picture[0, 0]).all(2))
    return any(np.array_equal(whole[y : y + height, x : x + width], picture) for y, x in starts)


def test_every_picture_is_on_it_pixel_for_pixel():
    gray = CHANCE.integers(0, 256, (30, 20), np.uint8)
    colour = CHANCE.integers(0, 256, (25, 33, 3), np.uint8)
    deep = CHANCE.integers(0, 65536, (30, 20)).astype(np.uint16)
    drawn = comparison_sheet({"gray": gray, "colour": colour, "deep": deep, "4": gray}, ["a line"])
    assert drawn.dtype == np.uint8
    for picture in (np.dstack([gray] * 3), colour, np.dstack([np.rint(deep / 257)] * 3)):
        assert is_in(picture, drawn)
    assert (drawn[[0, -1]] == 255).all()  # nothing is cut off


def test_labels_and_lines_are_drawn_and_make_room_for_themselves():
    tiny = np.zeros((4, 4), np.uint8)
    plain = comparison_sheet({" ": tiny})
    labelled = comparison_sheet({"a long label": tiny}, ["a line that is longer than the label"])
    assert labelled.shape[1] > plain.shape[1]
    for part in (labelled[:20], labelled[-20:]):
        assert part.min() < 100
        assert (part[:, [0, -1]] == 255).all()


def test_huge_pictures_are_reduced_and_it_is_said(monkeypatch):
    monkeypatch.setattr(sheet, "MOST_PIXELS", 2 * 30 * 40)
    image = np.kron(CHANCE.integers(0, 256, (30, 40)), np.ones((2, 2))).astype(np.uint8)
    said = {"one": image, "two": image}
    drawn = comparison_sheet(said, reduced_line="1/{factor}")
    assert is_in(np.dstack([image[::2, ::2]] * 3), drawn)
    assert not is_in(np.dstack([image] * 3), drawn)
    monkeypatch.undo()
    assert is_in(np.dstack([image] * 3), comparison_sheet(said))


def test_chinese_is_drawn_or_refused():
    words = {"红外": np.zeros((40, 60), np.uint8)}
    if not sheet.can_draw("红外"):
        with pytest.raises(InputError, match="no font of this machine"):
            comparison_sheet(words)
        pytest.skip("needs a font with Chinese")
    drawn = comparison_sheet(words)
    assert (drawn[:24] < 128).sum() > 100
    assert not np.array_equal(drawn[:24], comparison_sheet({"可见": words["红外"]})[:24])


def test_without_a_font_for_it_a_text_is_refused(monkeypatch):
    with pytest.raises(InputError, match="no font of this machine draws"):
        comparison_sheet({"\U000e0001": np.zeros((4, 4), np.uint8)})
    with pytest.raises(InputError, match="at least one picture"):
        comparison_sheet({})
    with pytest.raises(InputError, match=r"one picture is \(H, W\)"):
        comparison_sheet({"two channels": np.zeros((4, 4, 2), np.uint8)})
