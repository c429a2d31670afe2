"""Arrays and tables: values as NumPy wrote them, and a sentence for what is no image."""

import numpy as np
import pytest

from lkc.errors import InputError
from lkc.io import parse_window, read, show
from lkc.io.image_files import read_image

RNG = np.random.default_rng(0)
CELSIUS = RNG.uniform(10, 35, (20, 30))


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "i4", "f2", "<f4", ">f8", "?"])
def test_values_of_npy(tmp_path, dtype):
    values = (CELSIUS > 20 if dtype == "?" else CELSIUS).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    pixels = read_image(tmp_path / "a.npy")
    assert pixels.dtype == ("u1" if dtype == "u1" else "u2" if "u2" in dtype else "f4")
    assert np.array_equal(pixels, values.astype(pixels.dtype))


def test_npy_in_fortran_order_and_in_colour(tmp_path):
    np.save(tmp_path / "a.npy", np.asfortranarray(CELSIUS))
    assert np.array_equal(read(tmp_path / "a.npy").values, CELSIUS.astype(np.float32))
    colour = RNG.integers(0, 256, (20, 30, 4), dtype=np.uint8)
    np.save(tmp_path / "a.npy", colour)
    assert np.array_equal(read_image(tmp_path / "a.npy"), colour[..., :3])


def test_the_window_counts_in_the_files_units(tmp_path):
    np.save(tmp_path / "a.npy", CELSIUS.astype(np.float32))
    np.savetxt(tmp_path / "a.csv", CELSIUS, "%.4f", delimiter=",")
    for name in ("a.npy", "a.csv"):
        for window in ("20,30", "20C,30C"):
            pixels, said = show(read(tmp_path / name), parse_window(window))
            assert said.startswith("fixed: 20 to 30")
            assert np.abs(pixels / 65535 - ((CELSIUS - 20) / 10).clip(0, 1)).max() < 1e-3
        assert show(read(tmp_path / name))[1].startswith("percentile 1,99: 10.")


@pytest.mark.parametrize(
    "values",
    [
        RNG.random((5, 20, 30)),
        RNG.random(20),
        np.array(["a"]),
        np.array([[{}]], dtype=object),
        np.ones((4, 4), complex),
        np.ones((0, 4)),
    ],
)
def test_what_is_not_one_image_of_numbers(tmp_path, values):
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(InputError, match=r"array\[0\]|numbers are needed|fewer values"):
        read(tmp_path / "a.npy")


def test_a_short_npy_or_a_huge_one(tmp_path):
    np.save(tmp_path / "a.npy", CELSIUS)
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(whole[:-1])
    with pytest.raises(InputError, match="holds fewer values than it says"):
        read(tmp_path / "a.npy")
    (tmp_path / "a.npy").write_bytes(whole.replace(b"(20, 30)", b"(99999, 99999)"))
    with pytest.raises(InputError, match="99999x99999: more than the limit"):
        read(tmp_path / "a.npy")
    (tmp_path / "a.npy").write_bytes(b"hello")
    with pytest.raises(InputError, match=r"^a\.npy "):
        read(tmp_path / "a.npy")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [False, True])
def test_tables_of_every_country(tmp_path, delimiter, decimal, end, last):
    if delimiter == decimal:
        pytest.skip("nobody can tell these apart")
    rows = [delimiter.join(f"{v:.2f}".replace(".", decimal) for v in row) for row in CELSIUS]
    text = "".join(row + delimiter * last + end for row in rows)
    (tmp_path / "a.csv").write_bytes(text.encode("utf-8-sig"))
    assert np.abs(read(tmp_path / "a.csv").values - CELSIUS).max() < 0.006


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        "1,2\n1,2,3\n",
        "1,2\n1,\n",
        "1,2\n3;4\n",
        "hello",
        "",
        "File:;a.jpg\n1;2\n",
        "1,2\n\n# 3,4\n",
    ],
)
def test_what_is_no_table_of_numbers(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match="not a rectangular table of numbers"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "start", "way_out"),
    [
        ("a.seq", b"FFF\0camera", "CSV or TIFF in FLIR's own software"),
        ("a.csq", b"FFF\0camera", "CSV or TIFF in FLIR's own software"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heif-convert"),
        ("a.heic", b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heif-convert"),
        ("a.jxl", b"\xff\x0a\xdd\x40", "djxl"),
        ("a.jxl", b"\0\0\0\x0cJXL \r\n\x87\n", "djxl"),
    ],
)
def test_what_is_not_read_says_the_way_out(tmp_path, lkc_command, name, start, way_out):
    (tmp_path / name).write_bytes(start.ljust(600, b"\0"))
    with pytest.raises(InputError, match=way_out):
        read(tmp_path / name)
    status, _, err = lkc_command("info", tmp_path / name)
    assert status != 0
    assert way_out in err
