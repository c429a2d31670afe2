"""MetaImage and NRRD that are whole or damaged, written by SimpleITK."""

import gzip

import numpy as np
import pytest
import SimpleITK as sitk

from lkc.errors import InputError
from lkc.io import read_volume

VALUES = np.random.default_rng(0).integers(1, 900, (6, 20, 24)).astype(np.int16)  # (Z, Y, X)
SUFFIXES = (".mha", ".mhd", ".nrrd", ".nhdr")


def write(folder, suffix, compressed):
    """Write the values; the file with the header, and the one with the values."""
    path = folder / f"a{suffix}"
    sitk.WriteImage(sitk.GetImageFromArray(VALUES), str(path), useCompression=compressed)
    others = [other for other in folder.iterdir() if other != path]
    return path, others[0] if others else path


@pytest.fixture(params=[False, True], ids=["raw", "compressed"])
def compressed(request):
    return request.param


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_whole_files_are_read(tmp_path, suffix, compressed):
    path, _ = write(tmp_path, suffix, compressed)
    assert (read_volume(path).values == VALUES.T).all()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("bytes_lost", [1, 100, 2500])
def test_values_that_are_cut_off(tmp_path, suffix, compressed, bytes_lost):
    path, values = write(tmp_path, suffix, compressed)
    values.write_bytes(values.read_bytes()[:-bytes_lost])
    with pytest.raises(InputError, match="values are broken" if compressed else "is cut off"):
        read_volume(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("size", [b"24 20 7", b"24 20 60", b"24 20 2000000"])
def test_headers_that_promise_more_than_there_is(tmp_path, suffix, compressed, size):
    """ITK fills what is missing of a compressed MetaImage with zeros, and says nothing."""
    path, _ = write(tmp_path, suffix, compressed)
    path.write_bytes(path.read_bytes().replace(b"24 20 6", size))
    sentence = "header and its values differ in size" if compressed else "header promises more"
    with pytest.raises(InputError, match=sentence):
        read_volume(path)


def test_headers_that_promise_less_than_is_compressed(tmp_path):
    path, _ = write(tmp_path, ".mha", True)
    path.write_bytes(path.read_bytes().replace(b"24 20 6", b"24 20 5"))
    with pytest.raises(InputError, match="header and its values differ in size"):
        read_volume(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_flipped_bits_of_compressed_values_are_noticed(tmp_path, suffix):
    path, values = write(tmp_path, suffix, True)
    content = values.read_bytes()
    for place in range(len(content) - 3000, len(content) - 4, 200):
        broken = bytearray(content)
        broken[place] ^= 16
        values.write_bytes(broken)
        with pytest.raises(InputError, match="compressed values are broken"):
            read_volume(path)


def test_gzip_in_several_members_is_read(tmp_path):
    """As bgzip writes it, which can be read from any place."""
    path, values = write(tmp_path, ".nhdr", True)
    content = VALUES.tobytes()
    values.write_bytes(gzip.compress(content[:1000]) + gzip.compress(content[1000:]))
    assert (read_volume(path).values == VALUES.T).all()


def test_values_as_text(tmp_path):
    text = " ".join(str(value) for value in VALUES.ravel())
    header = "NRRD0004\ntype: short\ndimension: 3\nsizes: 24 20 {}\nencoding: ascii\n\n"
    path = tmp_path / "a.nrrd"
    path.write_text(header.format(6) + text)
    assert (read_volume(path).values == VALUES.T).all()
    for content, sentence in (
        (header.format(60) + text, "header promises more than it holds"),
        (header.format(6) + text[:-8], "header promises more than it holds"),
        (header.format(6) + text + " 7", "holds more values than its header asks for"),
        (header.format(6) + text[:90] + "x" + text[91:], "its values are no numbers"),
    ):
        path.write_text(content)
        with pytest.raises(InputError, match=sentence):
            read_volume(path)


@pytest.mark.parametrize("change", ["missing", "skipped"])
def test_compressed_values_that_cannot_be_compared(tmp_path, change):
    path, values = write(tmp_path, ".mhd", True)
    if change == "missing":
        values.unlink()
    else:
        path.write_text(path.read_text().replace("NDims", "HeaderSize = 4\nNDims"))
    with pytest.raises(InputError, match="keeps its values in several files, in one that"):
        read_volume(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("surplus", [1, 100, 20 * 24 * 2])
def test_more_values_than_the_header_asks_for(tmp_path, suffix, surplus):
    path, values = write(tmp_path, suffix, False)
    values.write_bytes(values.read_bytes() + bytes(surplus))
    with pytest.raises(InputError, match="holds more values than its header asks for"):
        read_volume(path)


@pytest.mark.parametrize(("skip", "before"), [("4", 4), ("-1", 11)])
def test_values_behind_something_else(tmp_path, skip, before):
    """In a file of their own that can be compared; in the header's file ITK reads others."""
    for suffix, field in (
        (".mhd", "HeaderSize = {}\nNDims"),
        (".nhdr", "byte skip: {}\ndimension"),
    ):
        folder = tmp_path / suffix[1:]
        folder.mkdir()
        path, values = write(folder, suffix, False)
        word = field.rpartition("\n")[2]
        path.write_text(path.read_text().replace(word, field.format(skip), 1))
        values.write_bytes(bytes(before) + VALUES.tobytes())
        assert (read_volume(path).values == VALUES.T).all()
        values.write_bytes(bytes(before) + VALUES.tobytes()[: -before - 2])
        with pytest.raises(InputError, match=r"is cut off|is damaged"):
            read_volume(path)
    path, _ = write(tmp_path, ".mha", False)
    path.write_bytes(path.read_bytes().replace(b"NDims", b"HeaderSize = 4\nNDims") + bytes(4))
    with pytest.raises(InputError, match="behind something else, which is not read"):
        read_volume(path)


def test_values_in_several_files(tmp_path):
    """ITK fills what a list is short of, and says nothing."""
    path, values = write(tmp_path, ".mhd", False)
    path.write_text(path.read_text().replace(values.name, "LIST\n" + values.name))
    with pytest.raises(InputError, match="keeps its values in several files"):
        read_volume(path)


def test_one_component_and_three_dimensions_are_needed(tmp_path):
    for shape, vector in (((6, 20, 3), True), ((2, 3, 4, 5), False)):
        image = sitk.GetImageFromArray(np.ones(shape, np.int16), isVector=vector)
        sitk.WriteImage(image, str(tmp_path / "a.mha"))
        with pytest.raises(InputError, match="is not one gray volume"):
            read_volume(tmp_path / "a.mha")
