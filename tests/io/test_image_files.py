"""Reading every kind of file with all its bits, and writing safely."""

import struct
import tracemalloc
import zlib
from itertools import product

import cv2
import numpy as np
import pytest
from PIL import Image

from lkc.errors import InputError
from lkc.io.image_files import read_image, write_image

RNG = np.random.default_rng(0)
GRAY8 = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
RGB8 = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
GRAY16 = RNG.integers(0, 65536, (20, 30), dtype=np.uint16)
RGB16 = RNG.integers(0, 65536, (20, 30, 3), dtype=np.uint16)


def assert_reads_as(path, expected, tolerance=0):
    pixels = read_image(path)
    assert pixels.dtype == expected.dtype
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(float) - expected).max() <= tolerance


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
@pytest.mark.parametrize("pixels", [GRAY8, RGB8], ids=["gray", "colour"])
def test_eight_bits(tmp_path, suffix, pixels):
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}")
    assert_reads_as(tmp_path / f"a.{suffix}", pixels)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("pixels", [GRAY16, RGB16], ids=["gray", "colour"])
def test_sixteen_bits(tmp_path, suffix, pixels):
    cv2.imwrite(str(tmp_path / f"a.{suffix}"), pixels[..., ::-1] if pixels.ndim == 3 else pixels)
    assert_reads_as(tmp_path / f"a.{suffix}", pixels)


def test_sixteen_bit_gray_by_pillow(tmp_path):
    for suffix in ("png", "tif"):
        Image.fromarray(GRAY16).save(tmp_path / f"a.{suffix}")
        assert_reads_as(tmp_path / f"a.{suffix}", GRAY16)


def test_sixteen_bit_big_endian(tmp_path):
    Image.frombytes("I;16B", (30, 20), GRAY16.astype(">u2").tobytes()).save(tmp_path / "a.tif")
    assert_reads_as(tmp_path / "a.tif", GRAY16)


def test_sixteen_bit_colour_with_alpha(tmp_path):
    alpha = np.full((20, 30, 1), 65535, dtype=np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), np.concatenate([RGB16[..., ::-1], alpha], axis=2))
    assert_reads_as(tmp_path / "a.png", RGB16)


def test_float_tiff(tmp_path):
    pixels = RNG.random((20, 30)).astype(np.float32)
    Image.fromarray(pixels).save(tmp_path / "a.tif")
    assert_reads_as(tmp_path / "a.tif", pixels)


def test_palette_becomes_colour(tmp_path):
    image = Image.fromarray(RGB8).quantize(16)
    image.save(tmp_path / "a.png")
    assert_reads_as(tmp_path / "a.png", np.asarray(image.convert("RGB")))


@pytest.mark.parametrize(("mode", "opaque"), [("RGBA", RGB8), ("LA", GRAY8)])
def test_alpha_is_dropped(tmp_path, mode, opaque):
    image = Image.fromarray(opaque).convert(mode)
    image.putalpha(Image.fromarray(GRAY8))
    image.save(tmp_path / "a.png")
    assert_reads_as(tmp_path / "a.png", opaque)


def test_one_bit(tmp_path):
    Image.fromarray(GRAY8 > 127).save(tmp_path / "a.png")
    assert_reads_as(tmp_path / "a.png", np.where(GRAY8 > 127, 255, 0).astype(np.uint8))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, orientation):
    smooth = cv2.resize(RGB8[:3, :4], (32, 24), interpolation=cv2.INTER_CUBIC)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(smooth).save(tmp_path / "a.jpg", exif=exif, quality=100, subsampling=0)
    turned = {1: smooth, 3: smooth[::-1, ::-1], 6: np.rot90(smooth, -1), 8: np.rot90(smooth)}
    mirrored = {2: smooth[:, ::-1], 4: smooth[::-1], 5: smooth.transpose(1, 0, 2)}
    mirrored[7] = smooth[::-1, ::-1].transpose(1, 0, 2)
    assert_reads_as(tmp_path / "a.jpg", (turned | mirrored)[orientation], tolerance=8)


def test_webp(tmp_path):
    Image.fromarray(RGB8).save(tmp_path / "a.webp", lossless=True)
    assert_reads_as(tmp_path / "a.webp", RGB8)


def test_first_image_of_an_animation(tmp_path):
    frames = [Image.fromarray(GRAY8), Image.fromarray(255 - GRAY8)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    assert_reads_as(tmp_path / "a.tif", GRAY8)


def test_missing_and_folder(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.png does not exist"):
        read_image(tmp_path / "nowhere.png")
    with pytest.raises(InputError, match="is a folder, not an image"):
        read_image(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"<html></html>", b"\x89PNG\r\n\x1a\n"])
def test_not_an_image(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(InputError, match=r"^a\.png (is not an image|cannot be read)"):
        read_image(tmp_path / "a.png")


@pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    ("suffix", "pixels"),
    [("jpg", RGB8), *product(("png", "tif"), (GRAY8, RGB8, GRAY16, RGB16))],
)
def test_truncated(tmp_path, pixels, share, suffix):
    path = tmp_path / f"a.{suffix}"
    cv2.imwrite(str(path), pixels)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    sentence = rf"^a\.{suffix} (is not an image|cannot be read|is damaged: it holds no image)"
    with pytest.raises(InputError, match=sentence):
        read_image(path)


def forged_png(width: int, height: int, depth: int = 8, colour_type: int = 2) -> bytes:
    """A PNG whose header promises more pixels than it holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("side", [10_001, 15_000, 100_000])
def test_forged_header(tmp_path, side, depth):
    (tmp_path / "a.png").write_bytes(forged_png(side, side, depth))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"^a\.png .*limit of 100 megapixels"):
        read_image(tmp_path / "a.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("pixels", [GRAY8, RGB8, GRAY16, RGB16], ids=["g8", "c8", "g16", "c16"])
def test_write_and_read(tmp_path, pixels):
    write_image(tmp_path / "new" / "folder" / "a.png", pixels)
    assert_reads_as(tmp_path / "new" / "folder" / "a.png", pixels)
    assert [p.name for p in (tmp_path / "new" / "folder").iterdir()] == ["a.png"]


def test_unwritable_target(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        write_image(tmp_path / "file" / "a.png", GRAY8)
    (tmp_path / "a.png").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_image(tmp_path / "a.png", GRAY8)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "file"]


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    write_image(tmp_path / "a.png", GRAY8)

    def disk_full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", disk_full)
    with pytest.raises(InputError, match="No space left"):
        write_image(tmp_path / "a.png", RGB8)
    assert_reads_as(tmp_path / "a.png", GRAY8)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("pixels", [GRAY8, RGB8, GRAY16, RGB16])
def test_notes_in_a_png(tmp_path, pixels):
    write_image(tmp_path / "a.png", pixels, {"window": "percentile 1,99: 20 to 40 °C", "b": "2"})
    assert (read_image(tmp_path / "a.png") == pixels).all()
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert image.text == {"window": "percentile 1,99: 20 to 40 °C", "b": "2"}


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (20, 30, 4)])
@pytest.mark.parametrize("wrapping", ["jp2", "j2k"])
def test_jpeg_2000_keeps_its_own_units(tmp_path, bits, shape, wrapping):
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = RNG.integers(0, 2**bits, shape).astype(np.uint8 if bits == 8 else np.uint16)
    encoded = imagecodecs.jpeg2k_encode(
        pixels, level=0, reversible=True, bitspersample=bits, codecformat=wrapping
    )
    (tmp_path / "a.jp2").write_bytes(encoded)
    assert_reads_as(tmp_path / "a.jp2", pixels[..., :3] if len(shape) == 3 else pixels)


def test_jpeg_2000_that_would_lose_bits_is_refused(tmp_path):
    imagecodecs = pytest.importorskip("imagecodecs")
    signed = RNG.integers(-2000, 2000, (20, 30)).astype(np.int16)
    (tmp_path / "a.jp2").write_bytes(imagecodecs.jpeg2k_encode(signed, level=0, reversible=True))
    with pytest.raises(InputError, match="signed values, or more than 16 bits"):
        read_image(tmp_path / "a.jp2")
    with_alpha = RNG.integers(0, 4096, (20, 30, 2)).astype(np.uint16)
    (tmp_path / "a.jp2").write_bytes(imagecodecs.jpeg2k_encode(with_alpha, level=0))
    with pytest.raises(InputError, match="more than 8 bits and transparency"):
        read_image(tmp_path / "a.jp2")
