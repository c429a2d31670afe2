"""The one door: every file is known by its first bytes, and opened once."""

import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

import lkc
from lkc.errors import InputError
from lkc.io import read, read_volume
from lkc.io.kinds import IMAGE_KINDS, IN_FOLDERS, KINDS, kind_of, open_file
from lkc.io.pairing import images_by_stem
from lkc.io.reading import IMAGE_READERS, NOT_IMAGES, VOLUME_READERS
from tests.fixtures.medical_files import write_dicom, write_volume

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (20, 30), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (20, 30), dtype=np.uint16)
COLOUR = RNG.integers(0, 65536, (20, 30, 3), dtype=np.uint16)
VALUES = RNG.random((16, 17, 4)).astype(np.float32)

WRITERS = {
    "8-bit.png": lambda path: Image.fromarray(GRAY).save(path),
    "16-bit.png": lambda path: Image.fromarray(DEEP).save(path),
    "16-bit-colour.png": lambda path: cv2.imwrite(str(path), COLOUR),
    "a.jpg": lambda path: Image.fromarray(GRAY).save(path),
    "8-bit.tif": lambda path: Image.fromarray(GRAY).save(path),
    "lzw.tif": lambda path: Image.fromarray(DEEP).save(path, compression="tiff_lzw"),
    "float.tif": lambda path: tifffile.imwrite(path, VALUES[..., 0] * 90 - 9),
    "double.tif": lambda path: tifffile.imwrite(path, VALUES[..., 0].astype(float)),
    "colour.tif": lambda path: tifffile.imwrite(path, COLOUR, photometric="rgb"),
    "planes.tif": lambda path: tifffile.imwrite(
        path, COLOUR.transpose(2, 0, 1), photometric="rgb", planarconfig="separate"
    ),
    "a.dcm": lambda path: write_dicom(path),
    "a.nii": lambda path: write_volume(path, VALUES, np.eye(4)),
    "a.nii.gz": lambda path: write_volume(path, VALUES, np.eye(4)),
}
OPENED: list[str] = []
COUNTING: list[bool] = []


def note_opens(event, arguments):
    if COUNTING and event == "open" and isinstance(arguments[0], str | bytes | Path):
        OPENED.append(Path(str(arguments[0])).name)


sys.addaudithook(note_opens)  # which cannot be taken away again


@pytest.fixture
def opens():
    """How often files are opened from here on, by name."""

    def count() -> Counter:
        return Counter(OPENED)

    OPENED.clear()
    COUNTING.append(True)
    yield count
    COUNTING.clear()


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_opened_once(tmp_path, opens, name):
    WRITERS[name](tmp_path / name)
    reader = read_volume if ".nii" in name else read
    reader(tmp_path / name)  # libraries are imported, which opens their files
    OPENED.clear()
    reader(tmp_path / name)
    assert opens()[name] == 1


@pytest.mark.parametrize("name", [name for name in WRITERS if ".nii" not in name])
def test_fusing_opens_each_source_once(tmp_path, opens, name):
    WRITERS[name](tmp_path / name)
    other = np.zeros(read(tmp_path / name).values.shape[:2], np.uint8)
    Image.fromarray(other).save(tmp_path / "other.png")
    OPENED.clear()
    lkc.fuse(tmp_path / name, tmp_path / "other.png", model=lkc.load_model("maximum"))
    assert (opens()[name], opens()["other.png"]) == (1, 1)


@pytest.mark.parametrize("command", ["fuse", "evaluate"])
def test_commands_open_each_file_once(tmp_path, monkeypatch, opens, lkc_command, command):
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b"):
        Path(folder).mkdir()
        Image.fromarray(np.tile(DEEP, (3, 3))).save(f"{folder}/{folder}-of-pair.png")
        Path(f"{folder}/{folder}-of-pair.png").rename(f"{folder}/1.png")
    Path("fused").mkdir()
    Image.fromarray(np.tile(GRAY, (3, 3))).save("fused/1.png")
    OPENED.clear()
    if command == "fuse":
        status, _, err = lkc_command("fuse", "a", "b", "-o", "out", "--preset", "maximum")
    else:
        status, _, err = lkc_command("evaluate", "--a", "a", "--b", "b", "--fused", "x=fused")
    assert status == 0, err
    assert opens()["1.png"] == (2 if command == "fuse" else 3)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("8-bit.png", "picture"),
        ("a.jpg", "picture"),
        ("float.tif", "tiff"),
        ("a.dcm", "dicom"),
        ("a.nii", "nifti"),
        ("a.nii.gz", "nifti"),
    ],
)
def test_what_a_file_is_counts_and_not_its_name(tmp_path, name, kind):
    WRITERS[name](tmp_path / name)
    assert kind_of(tmp_path / name) == kind
    if not name.endswith(".gz"):
        (tmp_path / name).rename(tmp_path / "other.xyz")
        assert kind_of(tmp_path / "other.xyz") == kind


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypisom", "clip"),
        (b"\0\0\0\x18ftypavif", "picture"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "picture"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x14ftypmif1\0\0\0\0mif1", "heic"),
        (b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc", "heic"),
        (b"\xff\x0a", "jpeg-xl"),
        (b"\0\0\0\x0cJXL \r\n", "jpeg-xl"),
        (b"\x1aE\xdf\xa3", "clip"),
        (b"RIFF\0\0\0\0AVI ", "clip"),
        (b"RIFF\0\0\0\0WEBP", "picture"),
        (b"MM\0+", "tiff"),
        (b"", "picture"),
    ],
)
def test_kinds_by_their_first_bytes(tmp_path, start, kind):
    (tmp_path / "file").write_bytes(start)
    assert kind_of(tmp_path / "file") == kind


def test_folders_and_missing_files(tmp_path):
    assert kind_of(tmp_path) == "folder"
    with pytest.raises(InputError, match="does not exist"):
        kind_of(tmp_path / "a.png")
    with pytest.raises(InputError, match="is a folder"), open_file(tmp_path):
        pass


def test_the_tables_of_kinds_and_readers_agree():
    assert IMAGE_READERS.keys() == set(IMAGE_KINDS)
    assert VOLUME_READERS.keys() | IMAGE_READERS.keys() | NOT_IMAGES.keys() == KINDS.keys()
    assert not IMAGE_READERS.keys() & NOT_IMAGES.keys()


@pytest.mark.parametrize("kind", IN_FOLDERS)
def test_folders_are_searched_for_every_suffix_that_is_read(tmp_path, kind):
    for number, suffix in enumerate(KINDS[kind].suffixes):
        (tmp_path / f"{number}{suffix.upper()}").touch()
    (tmp_path / "notes.txt").touch()
    assert len(images_by_stem(tmp_path)) == len(KINDS[kind].suffixes)
