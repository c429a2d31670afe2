"""Gaps that files fill with a value, stated or not: NumPy knows where they are."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from lkc.errors import InputError
from lkc.io import parse_window, read, show

SCENE = np.linspace(16, 34, 60 * 80, dtype=np.float32).reshape(60, 80)
HOLE = np.zeros(SCENE.shape, bool)
HOLE[:15] = True
COUNTS = np.rint((SCENE + 273.15) * 100).astype(np.uint16)


def write(path, values):
    if path.suffix == ".tif":
        tifffile.imwrite(path, values)
    elif path.suffix == ".npy":
        np.save(path, values)
    else:
        np.savetxt(path, values, "%.8g", delimiter=",")
    return path


@pytest.mark.parametrize("name", ["a.tif", "a.npy", "a.csv"])
@pytest.mark.parametrize("fill", [-9999, -99999, -999, -273.15, -32768, 9999, 32767, 1e20, -3.4e38])
def test_values_that_nothing_measures_are_gaps(tmp_path, name, fill):
    data = read(write(tmp_path / name, np.where(HOLE, np.float32(fill), SCENE)))
    assert np.array_equal(np.isnan(data.values), HOLE)
    assert np.allclose(data.values[~HOLE], SCENE[~HOLE])
    _, said = show(data)
    low, high = np.percentile(SCENE[~HOLE], [1, 99])
    assert said == f"percentile 1,99: {low:g} to {high:g}, gaps black"


@pytest.mark.parametrize(
    "values",
    [
        np.where(HOLE, np.float32(0), SCENE),  # a mask, or ice
        np.where(HOLE, np.float32(90), SCENE),  # a heater
        np.where(HOLE, np.float32(-273.15), SCENE * 40 - 900),  # not far from the others
        np.where(np.arange(HOLE.size).reshape(HOLE.shape) == 7, np.float32(12_000), SCENE),
    ],
    ids=["zero", "hot", "near", "once"],
)
def test_values_that_may_be_measured_stay(tmp_path, values):
    assert np.array_equal(read(write(tmp_path / "a.tif", values)).values, values)


@pytest.mark.parametrize("fill", [0, 65535])
def test_counts_of_a_quarter_that_was_not_measured(tmp_path, fill):
    """Without a word in the file, the picture would be shown as nearly one gray."""
    Image.fromarray(np.where(HOLE, fill, COUNTS).astype(np.uint16)).save(tmp_path / "a.png")
    shown, said = show(read(tmp_path / "a.png"))
    low, high = np.percentile(COUNTS[~HOLE], [1, 99])
    assert said == f"percentile 1,99: {low:g} to {high:g}"
    assert (shown[HOLE] == fill).all()
    assert np.ptp(shown[~HOLE]) == 65535


def test_counts_over_the_whole_range_are_no_temperatures(tmp_path):
    stretched = np.rint((SCENE - 16) / 18 * 65535).astype(np.uint16)  # as automatic gain writes
    Image.fromarray(stretched).save(tmp_path / "a.png")
    with pytest.raises(
        InputError, match=r"median would be \d+ degrees Celsius, and a quarter of it"
    ):
        show(read(tmp_path / "a.png"), parse_window("10C,40C"))
    Image.fromarray(np.where(HOLE, 0, COUNTS).astype(np.uint16)).save(tmp_path / "a.png")
    shown, _ = show(read(tmp_path / "a.png"), parse_window("10C,40C"))
    expected = (COUNTS / 100 - 273.15 - 10) / 30
    assert np.abs(shown / 65535 - expected)[~HOLE].max() < 1e-4


@pytest.mark.parametrize("kind", ["a.npy", "a.tif"])
@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
def test_swapped_bytes_are_noticed_in_arrays_and_signed_values(tmp_path, kind, dtype):
    swapped = COUNTS.astype(dtype).byteswap()
    with pytest.warns(UserWarning, match="looks like noise, but not with the bytes"):
        read(write(tmp_path / kind, swapped))
