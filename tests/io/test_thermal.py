"""Radiometric files: degrees from counts and floats, and sentences for everything else."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from lkc.errors import InputError
from lkc.io import ImageData, parse_window, read, show, to_celsius
from lkc.io.image_data import of_pixels

CELSIUS = np.random.default_rng(0).uniform(10, 35, (20, 30))


@pytest.mark.parametrize("suffix", ["tif", "png"])
def test_celsius_from_counts(tmp_path, suffix):
    counts = np.rint((CELSIUS + 273.15) * 100).astype(np.uint16)
    Image.fromarray(counts).save(tmp_path / f"a.{suffix}")
    check_celsius(tmp_path / f"a.{suffix}")


def test_celsius_from_floats(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", CELSIUS.astype(np.float32))
    check_celsius(tmp_path / "a.tif")


def check_celsius(path):
    data = to_celsius(read(path))
    assert data.unit == "C"
    assert np.abs(data.values - CELSIUS).max() < 0.02
    pixels, said = show(read(path), parse_window("20C,40C"))
    assert np.abs(pixels / 65535 - ((CELSIUS - 20) / 20).clip(0, 1)).max() < 0.002
    assert said == "fixed: 20 to 40 C"


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
def test_what_is_not_radiometric(shape):
    data = ImageData(np.ones(shape, np.float32), (0, 255), "x.png")
    with pytest.raises(InputError, match=r"x\.png is not radiometric"):
        to_celsius(data)


def test_counts_of_another_scale_say_what_to_do(tmp_path):
    counts = np.rint((CELSIUS + 273.15) * 25).astype(np.uint16)  # 0.04 kelvin
    tifffile.imwrite(tmp_path / "a.tif", counts)
    sentence = (
        rf"median would be -\d+ degrees.* --window {counts.min()},{counts.max()}, or --window"
    )
    with pytest.raises(InputError, match=sentence):
        show(read(tmp_path / "a.tif"), parse_window("20C,40C"))


def test_floats_in_kelvin_say_so(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", (CELSIUS + 273.15).astype(np.float32))
    with pytest.raises(InputError, match=r"look like kelvin, .* --window 293\.15,313\.15\."):
        show(read(tmp_path / "a.tif"), parse_window("20C,40C"))
    shown, _ = show(read(tmp_path / "a.tif"), parse_window("293.15,313.15"))
    assert np.abs(shown / 65535 - ((CELSIUS - 20) / 20).clip(0, 1)).max() < 0.002


@pytest.mark.parametrize("window", ["20C,40C", "-40C,-10C"])
def test_a_furnace_is_not_shown_from_another_range(tmp_path, window):
    counts = np.rint((CELSIUS + 273.15 + 400) * 50).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", counts)
    with pytest.raises(InputError, match=r"no value in the window from -?\d+ to -?\d+: its values"):
        show(read(tmp_path / "a.tif"), parse_window(window))


@pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_gaps_are_passed_over(tmp_path):
    pixels = CELSIUS.astype(np.float32)
    pixels[:5] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    shown, _ = show(read(tmp_path / "a.tif"), parse_window("20C,40C"))
    assert (shown[:5] == 0).all()


def test_what_is_too_cold_for_kelvin_is_not_called_kelvin():
    tenths = of_pixels(np.linspace(113, 341, 100, dtype=np.float32).reshape(10, 10), "a.tif")
    with pytest.raises(InputError, match="no value in the window from 10 to 40"):
        show(tenths, parse_window("10C,40C"))


def stick(values, count):
    """Give so many pixels, all over the image, the value 0 or 65535."""
    broken = values.copy()
    places = np.random.default_rng(1).permutation(values.size)[:count]
    broken.reshape(-1)[places] = np.where(np.arange(count) % 2, 65535, 0)
    return broken


SMOOTH = np.linspace(0, 1, 20_000).reshape(100, 200)


@pytest.mark.parametrize("count", [1, 10, 200, 900])
@pytest.mark.parametrize("window", ["percentile", "percentile:0,100", None])
def test_stuck_pixels_decide_no_percentile(tmp_path, count, window):
    counts = np.rint(28800 + 1500 * SMOOTH).astype(np.uint16)
    broken = stick(counts, count)
    Image.fromarray(broken).save(tmp_path / "a.png")
    shown, said = show(read(tmp_path / "a.png"), window and parse_window(window))
    low, high = np.percentile(counts, [0, 100] if window == "percentile:0,100" else [1, 99])
    limits = said.partition(": ")[2]
    black, white = (float(value) for value in limits.split(" to "))
    assert abs(black - low) < 20
    assert abs(white - high) < 20
    kept = broken == counts
    assert np.abs(shown / 65535 - ((counts - low) / (high - low)).clip(0, 1))[kept].max() < 0.02


@pytest.mark.parametrize("count", [1, 10, 200])
def test_stuck_pixels_hide_no_kelvin(tmp_path, count):
    kelvin = stick(283 + 20 * SMOOTH, count).astype(np.float32)
    tifffile.imwrite(tmp_path / "a.tif", kelvin)
    with pytest.raises(InputError, match=r"from 283 to 303, which look like kelvin"):
        show(read(tmp_path / "a.tif"), parse_window("10C,40C"))


@pytest.mark.parametrize("count", [1, 10, 200])
def test_stuck_pixels_are_not_what_a_window_shows(tmp_path, count):
    counts = stick(np.rint(28800 + 1500 * SMOOTH), count).astype(np.uint16)
    Image.fromarray(counts).save(tmp_path / "a.png")
    for window in ("0,20000", "40000,65535", "100C,400C"):
        with pytest.raises(InputError, match="no value in the window"):
            show(read(tmp_path / "a.png"), parse_window(window))
    with pytest.warns(UserWarning, match="its values only lie between 28800 and 30300"):
        show(read(tmp_path / "a.png"), parse_window("full"))


def test_what_only_looks_like_stuck_pixels_counts(tmp_path):
    background = np.rint(20000 + 9000 * SMOOTH).astype(np.uint16)
    background[:20] = 0  # a fifth of the image is a background
    dark = np.rint(30000 * SMOOTH).astype(np.uint16)  # 0 is its coldest value
    for pixels in (background, dark):
        Image.fromarray(pixels).save(tmp_path / "a.png")
        _, said = show(read(tmp_path / "a.png"), parse_window("percentile:0,100"))
        assert said == f"percentile 0,100: 0 to {pixels.max()}"
