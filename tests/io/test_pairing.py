"""Files of two folders find their partners, and orphans are named."""

from pathlib import Path

import pytest

from lkc.errors import InputError
from lkc.io.pairing import pair_folders, source_folders
from lkc.tasks import TASKS, get_task


def make(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()
    return folder


def test_pairs_and_orphans(tmp_path):
    first = make(tmp_path / "ir", "b.png", "a.png", "only.png", "notes.txt", ".hidden.png")
    second = make(tmp_path / "vi", "a.JPG", "b.tif", "alone.webp", ".hidden.png")
    pairing = pair_folders(first, second)
    assert pairing.pairs == [
        (first / "a.png", second / "a.JPG"),
        (first / "b.png", second / "b.tif"),
    ]
    assert pairing.first_only == [first / "only.png"]
    assert pairing.second_only == [second / "alone.webp"]


def test_names_with_dots_and_spaces(tmp_path):
    name = "frame 1.left [2].png"
    assert len(pair_folders(make(tmp_path / "a", name), make(tmp_path / "b", name)).pairs) == 1


def test_two_files_of_one_name_are_refused(tmp_path):
    first = make(tmp_path / "a", "x.png", "x.jpg")
    with pytest.raises(InputError, match=r"x\.jpg and x\.png"):
        pair_folders(first, make(tmp_path / "b", "x.png"))


@pytest.mark.parametrize(("a", "b"), [((), ()), (("x.png",), ("y.png",)), (("x.png",), ())])
def test_nothing_in_common(tmp_path, a, b):
    sentence = "one side has x.png and the other y.png" if a and b else "holds no images"
    with pytest.raises(InputError, match=sentence):
        pair_folders(make(tmp_path / "a", *a), make(tmp_path / "b", *b))


def test_not_a_folder(tmp_path):
    with pytest.raises(InputError, match="nowhere is not a folder"):
        pair_folders(tmp_path / "nowhere", tmp_path)


@pytest.mark.parametrize(
    ("task", "first", "second"),
    [
        ("ir-vis", "ir", "vi"),
        ("ir-vis", "Infrared", "VISIBLE"),
        ("mri-ct", "MRI", "CT"),
        ("mri-pet", "MRI", "PET"),
        ("mri-spect", "mri", "SPECT"),
    ],
)
def test_source_folders(tmp_path, task, first, second):
    made = make(tmp_path / first), make(tmp_path / second)
    assert source_folders(tmp_path, get_task(task)) == made


def test_source_folders_missing(tmp_path):
    make(tmp_path / "ir")
    with pytest.raises(InputError, match=r"no folder named vi or vis or .* for ir-vis"):
        source_folders(tmp_path, get_task("ir-vis"))
    with pytest.raises(InputError, match="nowhere is not a folder"):
        source_folders(tmp_path / "nowhere", get_task("ir-vis"))


def test_tasks():
    assert list(TASKS) == ["ir-vis", "mri-ct", "mri-pet", "mri-spect"]
    assert [task.second_has_colour for task in TASKS.values()] == [True, False, True, True]
    with pytest.raises(InputError, match=r"'pet-ct': choose one of ir-vis, mri-ct"):
        get_task("pet-ct")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("DJI_0001_T.JPG", "DJI_0002_T.JPG"), ("DJI_0001_V.JPG", "DJI_0002_V.JPG")),
        (("IR_1.png", "IR_2.png"), ("VIS_1.png", "VIS_2.png")),
        (("FLIR_08864_PreviewData.jpeg",), ("FLIR_08864_RGB.jpg",)),
        (("I00 lwir.png",), ("I00 visible.png",)),
    ],
)
def test_words_that_name_a_side_are_left_out(tmp_path, first, second):
    pairing = pair_folders(make(tmp_path / "a", *first), make(tmp_path / "b", *second))
    assert [(a.name, b.name) for a, b in pairing.pairs] == [*zip(first, second, strict=True)]


def test_words_are_kept_where_two_names_would_be_alike(tmp_path):
    a = make(tmp_path / "a", "1_T.png", "1_IR.png")
    with pytest.raises(InputError, match="have no file name in common"):
        pair_folders(a, make(tmp_path / "b", "1_V.png"))


def test_one_folder_is_not_both_sources(tmp_path):
    folder = make(tmp_path / "a", "1.png")
    with pytest.raises(InputError, match="is given as both sources"):
        pair_folders(folder, tmp_path / "a" / ".." / "a")


def test_folders_inside_are_named(tmp_path):
    make(tmp_path / "a" / "train", "1.png")
    with pytest.raises(InputError, match=r"holds no images: name .* as train"):
        pair_folders(tmp_path / "a", make(tmp_path / "b", "1.png"))


def test_folders_inside_are_matched_as_well(tmp_path):
    for place, inside in (
        ("a", ("day/1.png", "night/1.png", "2.png", ".trash/3.png")),
        ("b", ("day/1.jpg", "dusk/1.png", "2.png", ".trash/3.png")),
    ):
        for name in inside:
            make((tmp_path / place / name).parent, Path(name).name)
    pairing = pair_folders(tmp_path / "a", tmp_path / "b", nested=True)
    found = [tuple(path.relative_to(tmp_path).as_posix() for path in p) for p in pairing.pairs]
    assert found == [("a/2.png", "b/2.png"), ("a/day/1.png", "b/day/1.jpg")]
    assert pairing.first_only == [tmp_path / "a" / "night" / "1.png"]
    assert pairing.second_only == [tmp_path / "b" / "dusk" / "1.png"]


def test_folders_inside_may_be_named_by_the_side(tmp_path):
    for number in ("01", "02"):
        make(tmp_path / "a" / f"site{number}" / "ir", "1_T.png")
        make(tmp_path / "b" / f"site{number}" / "rgb", "1_V.png")
    pairing = pair_folders(tmp_path / "a", tmp_path / "b", nested=True)
    assert [a.parts[-3] == b.parts[-3] for a, b in pairing.pairs] == [True, True]
    with pytest.raises(InputError, match=r"one side has site01/ir/1_T.png and the other 9.png"):
        pair_folders(tmp_path / "a", make(tmp_path / "c", "9.png"), nested=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("THM_0001.JPG", "VIS_0001.JPG"),
        ("IRX_0001.JPG", "MAX_0001.JPG"),
        ("DJI_0001_THRM.JPG", "DJI_0001.JPG"),
        ("IR1.png", "VIS1.png"),
        ("1.png", "001.png"),
        ("红外_1_T.png", "红外_1_V.png"),
        ("DJI_20240611120105_0001_T.JPG", "DJI_20240611120104_0001_V.JPG"),
    ],
)
def test_more_names_of_cameras(tmp_path, first, second):
    for folder, name in (("a", first), ("b", second)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).touch()
        (tmp_path / folder / f"{folder}_other_thing.png").touch()
    pairing = pair_folders(tmp_path / "a", tmp_path / "b")
    assert [(a.name, b.name) for a, b in pairing.pairs] == [(first, second)]
    assert len(pairing.first_only) == len(pairing.second_only) == 1


def test_numbers_that_began_again_are_no_pairs(tmp_path):
    """The second flight of a day counts from 1 again."""
    for folder, times, side in (("a", (120105, 120205), "T"), ("b", (120104, 150206), "V")):
        (tmp_path / folder).mkdir()
        for number, time in enumerate(times):
            (tmp_path / folder / f"DJI_20240611{time}_000{number}_{side}.JPG").touch()
    pairing = pair_folders(tmp_path / "a", tmp_path / "b")
    assert [a.name for a, _ in pairing.pairs] == ["DJI_20240611120105_0000_T.JPG"]
    assert len(pairing.first_only) == len(pairing.second_only) == 1
