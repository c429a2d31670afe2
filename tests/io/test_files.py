"""lkc.io.read: float32 with a stated range from every kind of image file."""

import struct
import warnings
import zlib
from itertools import product

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from lkc.errors import InputError
from lkc.io import parse_window, read, show
from lkc.io.image_files import read_image
from lkc.io.reading import read_pixels

RNG = np.random.default_rng(0)
GRAY8 = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
RGB8 = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
GRAY16 = RNG.integers(0, 65536, (20, 30), dtype=np.uint16)
RGB16 = RNG.integers(0, 65536, (20, 30, 3), dtype=np.uint16)
TURNED = Image.Exif()
TURNED[0x0112] = 6  # the camera was held upright


def png16(pixels, colour_type, exif=b""):
    """A 16-bit PNG of the kinds that no library here writes."""

    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    parts = [chunk(b"IHDR", header), chunk(b"eXIf", exif) if exif else b""]
    parts += [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_sixteen_bit_gray_with_alpha(tmp_path):
    both = np.stack([GRAY16, GRAY16[::-1]], axis=-1)
    (tmp_path / "a.png").write_bytes(png16(both, colour_type=4))
    pixels = read_image(tmp_path / "a.png")
    assert pixels.dtype == np.uint16
    assert (pixels == GRAY16).all()


def test_sixteen_bit_colour_is_turned_upright(tmp_path):
    (tmp_path / "a.png").write_bytes(png16(RGB16, 2, exif=TURNED.tobytes()[6:]))
    assert (read_image(tmp_path / "a.png") == np.rot90(RGB16, -1)).all()


@pytest.mark.parametrize("top", [4095, 65535])
def test_sixteen_bit_portable_pixmaps(tmp_path, top):
    gray, colour = GRAY16 & top, RGB16 & top
    for name, mark, pixels in (("a.pgm", b"P5", gray), ("a.ppm", b"P6", colour)):
        content = mark + b" 30 20 %d\n" % top + pixels.astype(">u2").tobytes()
        (tmp_path / name).write_bytes(content)
        data = read(tmp_path / name)
        assert data.full_range == (0, 65535)
        assert (data.values == pixels).all()


@pytest.mark.parametrize(
    ("suffix", "pixels"),
    [
        *product(("png", "tif", "bmp"), (GRAY8, RGB8)),
        *product(("png", "tif"), (GRAY16, RGB16)),
        ("webp", RGB8),
    ],
)
def test_integers_keep_values_and_range(tmp_path, suffix, pixels):
    path = tmp_path / f"a.{suffix}"
    if suffix == "webp":
        Image.fromarray(pixels).save(path, lossless=True)
    else:
        cv2.imwrite(str(path), pixels[..., ::-1] if pixels.ndim == 3 else pixels)
    data = read(path)
    assert data.values.dtype == np.float32
    assert data.full_range == (0, np.iinfo(pixels.dtype).max)
    assert (data.values == pixels).all()
    assert data.pages == 1


@pytest.mark.parametrize(
    ("mode", "expected"), [("RGBA", RGB8), ("LA", GRAY8), ("P", None), ("1", None)]
)
def test_alpha_palette_and_one_bit(tmp_path, mode, expected):
    image = Image.fromarray(RGB8 if mode != "LA" else GRAY8).convert(mode)
    image.save(tmp_path / "a.png")
    if expected is None:
        expected = np.asarray(image.convert("RGB" if mode == "P" else "L"))
    assert (read(tmp_path / "a.png").values == expected).all()


@pytest.mark.parametrize("suffix", ["jpg", "webp", "tif", "png"])
def test_rotation(tmp_path, suffix):
    Image.fromarray(RGB8).save(tmp_path / f"a.{suffix}", exif=TURNED)
    assert read(tmp_path / f"a.{suffix}").values.shape == (30, 20, 3)


@pytest.mark.parametrize(
    "dtype", ["int8", "int16", "int32", "uint32", "float16", "float32", "float64"]
)
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
def test_tiff_of_every_type(tmp_path, dtype, shape):
    pixels = (RNG.random(shape) * 100).astype(dtype)
    if dtype != "uint32":
        pixels[3, 4] = -7
    kind = "rgb" if len(shape) == 3 else "minisblack"
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric=kind)
    data = read(tmp_path / "a.tif")
    assert (data.values == pixels.astype(np.float32)).all()
    assert data.full_range == pytest.approx((pixels.min(), pixels.max()))


def test_pages_of_a_tiff(tmp_path):
    stack = RNG.integers(0, 65536, (3, 20, 30), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack")
    for page in range(3):
        data = read(tmp_path / "a.tif", page)
        assert (data.values == stack[page]).all()
        assert data.pages == 3
        assert data.full_range == (0, 65535)
    with pytest.raises(InputError, match=r"a\.tif has 3 pages: there is no page 3"):
        read(tmp_path / "a.tif", 3)
    with pytest.raises(InputError, match="there is no page -1"):
        read(tmp_path / "a.tif", -1)


def test_float_inside_unit_range_keeps_it(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.full((20, 30), 0.25, np.float32))
    assert read(tmp_path / "a.tif").full_range == (0, 1)


def test_eight_bit_file_in_full_is_untouched(tmp_path):
    Image.fromarray(RGB8).save(tmp_path / "a.png")
    pixels, said = show(read(tmp_path / "a.png"), parse_window("full"))
    assert pixels.dtype == np.uint8
    assert (pixels == RGB8).all()
    assert said == "full: 0 to 255"


def test_window_of_twelve_bits(tmp_path):
    deep = (GRAY16 >> 4).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")
    pixels, _ = show(read(tmp_path / "a.png"), parse_window("0,4095"))
    assert pixels.dtype == np.uint16
    assert np.abs(pixels - deep / 4095 * 65535).max() <= 0.51


def test_missing_file_and_folder(tmp_path):
    for name in ("a.tif", "a.dcm", "a.png"):
        with pytest.raises(InputError, match=rf"{name} does not exist"):
            read(tmp_path / name)
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)
    for name, content in (("a.nii.gz", b""), ("a.png", bytes(344) + b"n+1\0")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=rf"{name} is a volume"):
            read(tmp_path / name)
    (tmp_path / "a.png").write_bytes(b"\0\0\0\x18ftypmp42")
    with pytest.raises(InputError, match=r"a\.png is a clip: fuse it into a clip"):
        read(tmp_path / "a.png")


def test_pixels_to_fuse_and_what_they_show(tmp_path):
    Image.fromarray(GRAY16).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "b.tif", np.stack([GRAY16] * 3), photometric="minisblack")
    tifffile.imwrite(tmp_path / "c.tif", GRAY16.astype(np.float32) - 500)
    for name, said in (("a.png", "full: 0 to 65535"), ("b.tif", "full: 0 to 65535, page 1 of 3")):
        pixels, shown = read_pixels(tmp_path / name)
        assert (pixels == GRAY16).all()
        assert pixels.dtype == np.uint16
        assert shown == said
    pixels, shown = read_pixels(tmp_path / "c.tif")
    values = GRAY16.astype(float) - 500
    low, high = np.percentile(values, [1, 99])
    assert np.abs(pixels / 65535 - ((values - low) / (high - low)).clip(0, 1)).max() < 1e-4
    assert shown == f"percentile 1,99: {low:g} to {high:g}"


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_hint_where_sixteen_bits_would_be_one_gray(tmp_path, recwarn, suffix):
    path = tmp_path / f"a.{suffix}"
    full = parse_window("full")
    Image.fromarray((28000 + GRAY16 // 32).astype(np.uint16)).save(path)
    hint = rf"a.{suffix} is shown in full, .* between 280\d\d and 300\d\d of 65535: --window percen"
    with pytest.warns(UserWarning, match=hint):
        read_pixels(path, full)
    with pytest.warns(UserWarning, match=hint):
        show(read(path), full)
    recwarn.clear()
    show(read(path), parse_window("percentile"))
    assert read_pixels(path)[1].startswith("percentile 1,99: 280")
    Image.fromarray(GRAY16 // 2).save(path)
    assert read_pixels(path)[1] == read_pixels(path, full)[1] == "full: 0 to 65535"
    Image.fromarray(GRAY16 * 0).save(path)
    assert read_pixels(path)[1] == "full: 0 to 65535"
    assert not recwarn.list


def test_presets_are_for_hounsfield_units(tmp_path):
    Image.fromarray(GRAY8).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"'brain' is for CT: a\.png is not in Hounsfield units"):
        show(read(tmp_path / "a.png"), parse_window("brain"))


def test_window_that_shows_nothing(tmp_path):
    Image.fromarray(GRAY8).save(tmp_path / "a.png")
    for window in ("300,400", "-5,-1"):
        with pytest.raises(InputError, match=r"a\.png has no value .* lie between \d+ and \d+\."):
            show(read(tmp_path / "a.png"), parse_window(window))


def test_swapped_bytes_are_told_and_deep_pictures_are_not(tmp_path):
    rows, columns = np.mgrid[:60, :80]
    counts = (7000 + 9 * columns + 5 * rows + RNG.integers(0, 9, (60, 80))).astype(np.uint16)
    Image.fromarray(counts.byteswap()).save(tmp_path / "a.png")
    with pytest.warns(UserWarning, match=r"a\.png looks like noise, but not with the bytes"):
        read(tmp_path / "a.png")
    deep = [counts, counts << 2, (counts >> 6) * 257, (counts >> 6) << 8, counts >> 5]
    deep.append(RNG.integers(0, 65536, (60, 80)).astype(np.uint16))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for pixels in deep:
            Image.fromarray(pixels.astype(np.uint16)).save(tmp_path / "b.png")
            read(tmp_path / "b.png")


def test_an_empty_first_page_is_told_from_an_empty_file(tmp_path):
    pages = [Image.fromarray(np.full((32, 32), value, np.uint16)) for value in (0, 900)]
    pages[1].putpixel((4, 4), 1200)
    pages[0].save(tmp_path / "film.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(InputError, match=r"film\.tif \(page 1 of 2\) has one value everywhere"):
        read_pixels(tmp_path / "film.tif", parse_window("percentile"))
