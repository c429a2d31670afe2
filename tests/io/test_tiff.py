"""TIFF of every make: turned, in planes, white at zero, compressed, of other kinds, cut off."""

import sys

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

import lkc
from lkc.errors import InputError
from lkc.io import parse_window, read, show
from lkc.io.image_files import read_image
from lkc.io.pixels import turn_upright
from lkc.io.reading import read_pixels

RNG = np.random.default_rng(0)
KINDS = {
    "gray8": RNG.integers(0, 256, (20, 30), dtype=np.uint8),
    "gray16": RNG.integers(0, 65536, (20, 30), dtype=np.uint16),
    "colour8": RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8),
    "colour16": RNG.integers(0, 65536, (20, 30, 3), dtype=np.uint16),
    "alpha16": RNG.integers(0, 65536, (20, 30, 4), dtype=np.uint16),
    "colour-float": RNG.random((20, 30, 3)).astype(np.float32),
    "int16": RNG.integers(-3000, 3000, (20, 30), dtype=np.int16),
}


def turned_by_hand(pixels, orientation):
    """What the TIFF standard says of Orientation: where row 0 and column 0 are shown."""
    ways = {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.swapaxes(0, 1),
        6: np.rot90(pixels, -1),
        7: pixels[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(pixels),
    }
    return ways[orientation]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", KINDS)
def test_orientation(tmp_path, kind, orientation):
    pixels = KINDS[kind]
    tifffile.imwrite(
        tmp_path / "a.tif",
        pixels,
        photometric="rgb" if pixels.ndim == 3 else "minisblack",
        extratags=[(274, "H", 1, orientation, True)],
    )
    expected = turned_by_hand(pixels, orientation)[..., : 3 if pixels.ndim == 3 else None]
    got = read(tmp_path / "a.tif").values
    assert got.shape == expected.shape
    assert (got == expected).all()


def test_orientation_of_every_page(tmp_path):
    stack = np.stack([KINDS["gray16"], KINDS["gray16"][::-1]])
    tags = [(274, "H", 1, 6, False)]
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", extratags=tags)
    for page in (0, 1):
        assert (read(tmp_path / "a.tif", page).values == np.rot90(stack[page], -1)).all()


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_is_none_turns_nothing(orientation):
    assert (turn_upright(KINDS["gray8"], orientation) == KINDS["gray8"]).all()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colour_in_separate_planes(tmp_path, dtype, compression):
    planes = RNG.integers(0, np.iinfo(dtype).max, (3, 20, 30)).astype(dtype)
    options = {"photometric": "rgb", "planarconfig": "separate", "compression": compression}
    tifffile.imwrite(tmp_path / "a.tif", planes, **options)
    for pixels in (read(tmp_path / "a.tif").values, read_image(tmp_path / "a.tif")):
        assert (pixels == planes.transpose(1, 2, 0)).all()
    assert read(tmp_path / "a.tif").full_range == (0, np.iinfo(dtype).max)


@pytest.mark.parametrize("kind", ["gray8", "gray16"])
def test_white_at_zero(tmp_path, kind):
    stack = np.stack([KINDS[kind], KINDS[kind][::-1]])
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="miniswhite")
    for page in (0, 1):
        top = int(np.iinfo(stack.dtype).max)
        assert (read(tmp_path / "a.tif", page).values == top - stack[page].astype(int)).all()


LZW = [cv2.IMWRITE_TIFF_COMPRESSION, 5]


def test_lzw(tmp_path):
    cv2.imwrite(str(tmp_path / "a.tif"), KINDS["int16"], LZW)
    assert (read(tmp_path / "a.tif").values == KINDS["int16"]).all()
    cv2.imwrite(str(tmp_path / "b.tif"), KINDS["colour-float"][..., ::-1], LZW)
    assert (read(tmp_path / "b.tif").values == KINDS["colour-float"]).all()
    pages = [Image.fromarray(page) for page in (KINDS["gray16"], KINDS["gray16"][::-1].copy())]
    pages[0].save(
        tmp_path / "c.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw"
    )
    assert (read(tmp_path / "c.tif", 1).values == KINDS["gray16"][::-1]).all()


def test_missing_library_is_one_sentence(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", np.ones((20, 30)))
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(InputError, match=r'a\.tif needs tifffile: pip install "lkc\[medical\]"'):
        read(tmp_path / "a.tif")


def test_missing_codec_is_one_sentence(tmp_path, monkeypatch):
    def refuse(page):
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    cv2.imwrite(str(tmp_path / "a.tif"), KINDS["int16"], LZW)
    monkeypatch.setattr(tifffile.TiffPage, "asarray", refuse)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(InputError, match=r"a\.tif \(LZW\) needs imagecodecs: pip install"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("pixels", "options", "sentence"),
    [
        (np.stack([KINDS["gray16"]] * 5, axis=-1), {"planarconfig": "contig"}, "has 5 bands"),
        (np.stack([KINDS["gray16"]] * 5), {"planarconfig": "separate"}, "has 5 bands"),
        (KINDS["gray8"] + 1j, {}, "holds complex numbers"),
        (np.full((20, 30), np.nan, np.float32), {}, "holds no finite value"),
    ],
)
@pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("window", [None, "percentile", "20C,40C"])
def test_other_kinds_end_in_a_sentence(tmp_path, pixels, options, sentence, window):
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", **options)
    with pytest.raises(InputError, match=rf"a\.tif {sentence}"):
        read_pixels(tmp_path / "a.tif", window and parse_window(window))


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_cut_off_before_its_index(tmp_path, share):
    Image.fromarray(KINDS["gray16"]).save(tmp_path / "a.tif", compression="tiff_lzw")
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=r"a\.tif (is damaged|cannot be read|is not an image)"):
        read(tmp_path / "a.tif")
    (tmp_path / "a.tif").write_bytes(b"II*\0\xff\xff\0\0" + content[8:300])
    with pytest.raises(InputError, match=r"a\.tif is damaged: it holds no image"):
        read(tmp_path / "a.tif")


def test_what_it_is_counts_and_not_its_suffix(tmp_path):
    Image.fromarray(KINDS["colour-float"][..., 0] * 40).save(tmp_path / "a.tif")
    (tmp_path / "a.tif").rename(tmp_path / "float.png")
    assert read(tmp_path / "float.png").values.max() > 39
    assert lkc.fuse(tmp_path / "float.png", KINDS["gray8"]).shape == (20, 30)
    assert show(read(tmp_path / "float.png"), parse_window("0,40"))[1] == "fixed: 0 to 40"
    Image.fromarray(KINDS["gray16"]).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "png.tif")
    assert (read(tmp_path / "png.tif").values == KINDS["gray16"]).all()


def test_floats_with_gaps(tmp_path):
    pixels = KINDS["colour-float"][..., 0].copy()
    pixels[3, 4] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    shown, said = read_pixels(tmp_path / "a.tif")
    assert shown[3, 4] == 0
    assert said == "full: 0 to 1, gaps black"
    shown, said = read_pixels(tmp_path / "a.tif", parse_window("percentile:0,100"))
    assert shown[3, 4] == 0
    assert said.startswith("percentile 0,100: 0.00")
    assert said.endswith(", gaps black")


@pytest.mark.parametrize("dtype", ["uint16", "float32", "float64", "int16"])
def test_what_was_not_measured_is_a_gap(tmp_path, dtype):
    values = np.arange(1200).reshape(30, 40).astype(dtype)
    nodata = 0 if dtype == "uint16" else -9999
    stored = values + np.array(7, dtype)
    stored[:9] = nodata
    tag = (42113, "s", 0, str(nodata), True)
    tifffile.imwrite(tmp_path / "a.tif", stored, extratags=[tag])
    data = read(tmp_path / "a.tif")
    assert np.isnan(data.values[:9]).all()
    assert (data.values[9:] == stored[9:]).all()
    shown, said = show(data, parse_window("percentile:0,100"))
    assert said.startswith("percentile 0,100: 367 to 1206")
    assert not shown[:9].any()


def test_usual_sentinels_are_gaps_without_a_tag(tmp_path):
    stored = np.linspace(10, 40, 1200, dtype=np.float32).reshape(30, 40)
    stored[0] = -9999
    tifffile.imwrite(tmp_path / "a.tif", stored)
    assert np.isnan(read(tmp_path / "a.tif").values[0]).all()
    tifffile.imwrite(tmp_path / "b.tif", np.full((30, 40), -9999, np.float32))
    assert (read(tmp_path / "b.tif").values == -9999).all()  # all of it cannot be a gap
