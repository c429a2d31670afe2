"""GeoTIFF: the place is read, compared and written again; tifffile reads it back."""

import warnings

import numpy as np
import pytest
import tifffile

from lkc.alignment.align import Alignment
from lkc.errors import InputError
from lkc.fusion.files import Source, choose_place, fuse_files, join_gaps
from lkc.io import read
from lkc.io.geotiff import TAGS, check_same_place
from tests.fixtures.medical_files import write_dicom

UTM_33 = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633)
UTM_34 = (*UTM_33[:-1], 32634)
SCALE = (33550, 12, 3, (0.05, 0.05, 0.0), True)
TIE = (33922, 12, 6, (0.0, 0.0, 0.0, 500000.0, 5000000.0, 0.0), True)
KEYS = (34735, 3, 16, UTM_33, True)
TEXT = (34737, 2, 0, "WGS 84 / UTM zone 33N|", True)
TURNED = (0.05, 0, 0, 5e5, 0, -0.05, 0, 5e6, 0, 0, 0, 0, 0, 0, 0, 1)
CELSIUS = np.linspace(10, 35, 24 * 40, dtype=np.float32).reshape(24, 40)
RGB = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)


def write(path, pixels, *tags, **options):
    tifffile.imwrite(path, pixels, extratags=tags, metadata=None, **options)
    return path


def tags_of(path):
    with tifffile.TiffFile(path) as opened:
        found = opened.pages[0].tags
        return {tag: found[tag].value for tag in TAGS if tag in found}


@pytest.mark.parametrize("places", ["both", "first", "second"])
@pytest.mark.parametrize("thermal", [CELSIUS, CELSIUS.astype(np.float64)])
def test_the_place_goes_along(tmp_path, places, thermal):
    tags = SCALE, TIE, KEYS, TEXT
    first = write(tmp_path / "a.tif", thermal, *(tags if places != "second" else ()))
    second = write(tmp_path / "b.tif", RGB, *(tags if places != "first" else ()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        notes = fuse_files(first, second, tmp_path / "out.tif")
    expected = {tag: value for tag, _, _, value, _ in tags}
    assert tags_of(tmp_path / "out.tif") == expected
    fused = tifffile.imread(tmp_path / "out.tif")
    assert (fused.shape, fused.dtype) == (RGB.shape, np.uint8)
    assert read(tmp_path / "out.tif").notes == notes
    fuse_files(first, second, tmp_path / "again.tif")
    assert np.array_equal(tifffile.imread(tmp_path / "again.tif"), fused)


def test_rasterio_finds_the_place(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    first = write(tmp_path / "a.tif", CELSIUS, SCALE, TIE, KEYS)
    fuse_files(first, write(tmp_path / "b.tif", RGB), tmp_path / "out.tif")
    with rasterio.open(tmp_path / "out.tif") as opened:
        assert opened.crs.to_epsg() == 32633
        assert opened.transform[:6] == (0.05, 0, 500000, 0, -0.05, 5000000)


def test_png_says_that_the_place_is_lost(tmp_path):
    first = write(tmp_path / "a.tif", CELSIUS, SCALE, TIE, KEYS)
    second = write(tmp_path / "b.tif", RGB)
    with pytest.warns(UserWarning, match=r"which only a TIFF keeps: fuse two files into one"):
        fuse_files(first, second, tmp_path / "out.png")
    assert (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    "other",
    [
        (SCALE, (33922, 12, 6, (0.0, 0.0, 0.0, 500001.0, 5000000.0, 0.0), True), KEYS),
        ((33550, 12, 3, (0.06, 0.06, 0.0), True), TIE, KEYS),
        (SCALE, TIE, (34735, 3, 16, UTM_34, True)),
        (SCALE, (33922, 12, 12, (0.0, 0, 0, 5e5, 5e6, 0, 40, 24, 0, 500002, 4999999, 0), True)),
    ],
    ids=["place", "pixels", "system", "many tie points"],
)
def test_different_places_are_refused(tmp_path, other):
    first = write(tmp_path / "a.tif", CELSIUS, SCALE, TIE, KEYS)
    second = write(tmp_path / "b.tif", RGB, *other)
    with pytest.raises(InputError, match=r"a\.tif and b\.tif state different places on Earth"):
        fuse_files(first, second, tmp_path / "out.tif")
    assert not (tmp_path / "out.tif").exists()


def test_one_place_in_two_ways_of_writing(tmp_path):
    matrix = (34264, 12, 16, TURNED, True)
    middle = (33922, 12, 6, (20.0, 12.0, 0.0, 500001.0, 4999999.4, 0.0), True)
    places = [
        read(write(tmp_path / f"{n}.tif", CELSIUS, *tags)).place
        for n, tags in enumerate([(SCALE, TIE, KEYS), (matrix, KEYS), (SCALE, middle, KEYS)])
    ]
    for other in places[1:]:
        check_same_place(places[0], other, CELSIUS.shape)


def test_a_turned_image_states_no_place(tmp_path):
    path = write(tmp_path / "a.tif", CELSIUS, SCALE, TIE, KEYS, (274, 3, 1, 6, True))
    with pytest.warns(UserWarning, match="its place on Earth is lost"):
        data = read(path)
    assert (data.place, data.values.shape) == (None, (40, 24))


def test_an_aligned_pair_lies_where_the_fixed_source_does(tmp_path):
    placed = Source(RGB, "b.tif", "", place=read(write(tmp_path / "b.tif", RGB, SCALE, TIE)).place)
    bare = Source(RGB, "a.tif", "")
    assert choose_place(bare, placed, "ir-vis", aligned=True) is placed.place
    assert choose_place(placed, bare, "mri-ct", aligned=True) is placed.place
    with pytest.warns(UserWarning, match=r"place on Earth that b\.tif states is lost"):
        assert choose_place(placed, bare, "ir-vis", aligned=True) is None


def test_evaluate_reads_the_windows_of_a_fused_tiff(tmp_path, lkc_command):
    for folder in ("a", "b", "out"):
        (tmp_path / folder).mkdir()
    smooth = np.linspace(7000, 9000, 48 * 64).reshape(48, 64).astype(np.uint16)
    gray = np.random.default_rng(0).integers(0, 256, (48, 64), dtype=np.uint8)
    first = write(tmp_path / "a" / "1.tif", smooth)
    second = write(tmp_path / "b" / "1.tif", gray)
    options = ("--preset", "maximum", "--window", "7000,8000", "--window", "full")
    for target in ("1.tif", "1.png"):
        status, _, _ = lkc_command("fuse", first, second, "-o", tmp_path / target, *options)
        assert status == 0
    said = {}
    for target in ("1.tif", "1.png"):
        (tmp_path / target).rename(tmp_path / "out" / target)
        folders = ("--a", tmp_path / "a", "--b", tmp_path / "b")
        status, out, _ = lkc_command("evaluate", *folders, "--fused", f"x={tmp_path / 'out'}")
        assert status == 0
        said[target] = out
        (tmp_path / "out" / target).unlink()
    assert said["1.tif"] == said["1.png"]


def test_a_dicom_image_of_the_wrong_kind_is_told(tmp_path):
    options = {"Rows": 24, "Columns": 40}
    pixels = np.linspace(0, 900, 24 * 40).reshape(24, 40).astype(np.int16)
    for name, modality in (("mr.dcm", "MR"), ("ct.dcm", "CT")):
        write_dicom(tmp_path / name, pixels, Modality=modality, **options)
    with (
        pytest.warns(UserWarning, match=r"ct\.dcm says that it is CT, where mri-ct expects MR"),
        pytest.warns(UserWarning, match=r"mr\.dcm says that it is MR, where mri-ct expects CT"),
    ):
        fuse_files(tmp_path / "ct.dcm", tmp_path / "mr.dcm", tmp_path / "o.png", "mri-ct")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fuse_files(tmp_path / "mr.dcm", tmp_path / "ct.dcm", tmp_path / "o.png", "mri-ct")


NODATA = (42113, 2, 0, "-9999", True)
BLACK = (42113, 2, 0, "0", True)
HOLE, EDGE = np.zeros((24, 40), bool), np.zeros((24, 40), bool)
HOLE[4:9, 6:16] = True
EDGE[:, -5:] = True


def with_gaps(folder, first, second):
    """Two GeoTIFF of which one has a hole and the other no edge, fused; what Pillow finds."""
    tags = SCALE, TIE, KEYS
    thermal, colour = CELSIUS.copy(), RGB | 1
    if first == "nan":
        thermal[HOLE] = np.nan
    elif first == "sentinel":
        thermal[HOLE] = -9999
    elif first == "counts":
        thermal = np.where(HOLE, 0, thermal * 100 + 27315).astype(np.uint16)
    options = {"nan": (), "sentinel": (NODATA,), "counts": (BLACK,), None: ()}
    a = write(folder / "a.tif", thermal, *tags, *options[first])
    opaque = np.where(EDGE, 0, 255).astype(np.uint8)
    if second == "alpha":
        rgba = np.dstack([colour, opaque])
        extra = {"photometric": "rgb", "extrasamples": ["unassalpha"]}
        b = write(folder / "b.tif", rgba, *tags, **extra)
    elif second == "deep alpha":
        rgba = np.dstack([colour, opaque]).astype(np.uint16) * 257
        extra = {"photometric": "rgb", "extrasamples": ["unassalpha"]}
        b = write(folder / "b.tif", rgba, *tags, **extra)
    else:
        colour[EDGE] = 0
        b = write(folder / "b.tif", colour, *tags, *((BLACK,) if second == "black" else ()))
    fuse_files(a, b, folder / "out.tif")
    return tifffile.TiffFile(folder / "out.tif").pages[0]


@pytest.mark.parametrize("first", ["nan", "sentinel", "counts", None])
@pytest.mark.parametrize("second", ["alpha", "deep alpha", "black", None])
def test_programs_for_maps_are_told_of_gaps(tmp_path, first, second):
    page = with_gaps(tmp_path, first, second)
    expected = HOLE * (first is not None) | EDGE * (second is not None)
    pixels = page.asarray()
    assert page.photometric == 2  # RGB
    if not expected.any():
        assert page.extrasamples == ()
        assert pixels.shape == (24, 40, 3)
        return
    assert [int(kind) for kind in page.extrasamples] == [2]  # alpha that changes no colour
    assert np.array_equal(pixels[..., 3] == 0, expected)
    assert np.array_equal(pixels[..., 3] == np.iinfo(pixels.dtype).max, ~expected)
    assert tags_of(tmp_path / "out.tif").keys() == {33550, 33922, 34735}
    assert np.array_equal(read(tmp_path / "out.tif").gaps, expected)


def test_gaps_of_gray_and_of_what_states_no_place(tmp_path):
    counts = np.where(HOLE, 0, 5000 + np.arange(960).reshape(24, 40)).astype(np.uint16)
    for tags in ((SCALE, TIE, KEYS, BLACK), (BLACK,)):
        a, b = (write(tmp_path / f"{name}.tif", counts, *tags) for name in "ab")
        fuse_files(a, b, tmp_path / "out.tif")
        with tifffile.TiffFile(tmp_path / "out.tif") as opened:
            pixels = opened.pages[0].asarray()
        assert pixels.shape == ((24, 40, 2) if len(tags) > 1 else (24, 40))
        if len(tags) > 1:
            assert np.array_equal(pixels[..., 1] == 0, HOLE)
            assert read(tmp_path / "out.tif").values.shape == (24, 40)


def test_gaps_move_with_their_source(tmp_path):
    found = Alignment(np.array([[0.5, 0, 0], [0, 0.5, 0], [0, 0, 1.0]]), 1, 1, 1)
    small = Source(CELSIUS[:12, :20], "a", "", gaps=HOLE[:12, :20])
    large = Source(RGB, "b", "", gaps=EDGE)
    joined = join_gaps(small, large, "ir-vis", found)
    assert joined[8:17, 12:31].all()
    assert joined[:, -5:].all()
    assert not joined[:6].any(where=~EDGE[:6])
    assert np.array_equal(join_gaps(Source(RGB, "a", ""), large, "ir-vis", found), EDGE)
    assert join_gaps(Source(RGB, "a", ""), Source(RGB, "b", ""), "ir-vis", None) is None


@pytest.mark.parametrize("name", ["a.tfw", "a.TFW", "a.tifw", "a.wld"])
def test_a_world_file_is_not_passed_over_in_silence(tmp_path, name):
    first, second = write(tmp_path / "a.tif", CELSIUS), write(tmp_path / "b.tif", RGB)
    (tmp_path / name).write_text("0.05\n0\n0\n-0.05\n500000\n5000000\n")
    with pytest.warns(
        UserWarning, match=rf"{name} states where a\.tif lies on Earth, which is lost"
    ):
        fuse_files(first, second, tmp_path / "out.tif")
    first = write(tmp_path / "a.tif", CELSIUS, SCALE, TIE, KEYS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fuse_files(first, second, tmp_path / "out.tif")
