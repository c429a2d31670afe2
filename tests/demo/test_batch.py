"""Many pairs at once: what is unpacked, matched, fused, refused and left behind."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

import lkc
from demo.server import temporary_files
from demo.tabs import batch as batch_tab
from demo.tabs.start_and_stop import stop_requests
from demo.words import say as words
from demo.words.say import Complaint
from demo.work import batch, unpack
from lkc.errors import InputError
from tests.demo.steps import write


@pytest.fixture
def pairs(tmp_path) -> tuple[list[str], list[str]]:
    """Three pairs and an orphan; the pair "bad" has two sizes."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64), np.uint8)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    names = ("1.png", "2.png", "bad.png", "alone.png")
    first = [write(tmp_path / "a" / name, noise) for name in names]
    second = [write(tmp_path / "b" / name, noise[::-1]) for name in names[:2]]
    second.append(write(tmp_path / "b" / "bad.png", noise[:32]))
    return first, second


def fuse_batch(first, second, task="mri-ct", measure=True) -> batch.Batch:
    return list(batch.fuse_all(first, second, task, "maximum", 1, measure))[-1]


def test_batch_fuses_what_matches_and_names_what_does_not(pairs):
    done = fuse_batch(*pairs)
    assert [path.name for path in done.done.values()] == ["1.png", "2.png"]
    assert "64×48" in words.explain(done.errors["bad"], "en")
    assert done.matched.orphans == ["alone.png"]
    assert batch.write_table(done).read_text().splitlines()[0].startswith("pair,EN,MI")
    with zipfile.ZipFile(batch.pack(done)) as archive:
        assert archive.namelist() == ["1.png", "2.png", "metrics.csv"]


def test_a_stopped_batch_ends_with_what_was_done(pairs):
    steps = batch_tab.run(pairs, "mine", ("mri-ct", "maximum", 1.0, True), "en", lambda *a, **k: 0)
    shown = [next(steps)[0], next(steps)[0]]
    stop_requests.update({"mine", "other"})
    status, gallery, *buttons = next(steps)
    assert shown == ["0 / 3", "1 / 3"]
    assert status.startswith("Fused 2 of 3 pairs")  # the one under way when the request came, too
    assert "Stopped: what was fused so far is kept." in status
    assert [name for _, name in gallery] == ["1", "2"]
    assert all(button["interactive"] for button in buttons)
    assert not list(steps)
    assert stop_requests == {"other"}
    stop_requests.clear()


def zip_files(path: Path, members: dict[str, str]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in members.items():
            archive.write(file, name)
    return str(path)


def test_batch_takes_one_zip_with_both_folders(pairs, tmp_path):
    members = {"set/mri/1.png": pairs[0][0], "set/ct/1.png": pairs[1][0]}
    one = fuse_batch([zip_files(tmp_path / "both.zip", members)], [], measure=False)
    assert [path.name for path in one.done.values()] == ["1.png"]
    assert not one.scores


def test_batch_takes_a_zip_for_each_source(pairs, tmp_path):
    first = zip_files(tmp_path / "first.zip", {"x/1.png": pairs[0][0]})
    second = zip_files(tmp_path / "second.zip", {"1.png": pairs[1][0]})
    assert len(fuse_batch([first], [second]).done) == 1


@pytest.mark.parametrize(
    ("first", "second", "results", "orphans"),
    [
        (("day/1.png", "night/1.png"), ("day/1.png", "night/1.png"), ["day/1", "night/1"], []),
        (("ir/a/1.png", "ir/b/1.png"), ("vi/b/1.png", "vi/c/1.png"),
         ["b/1"], ["a/1.png", "c/1.png"]),
        (("a/b/1.png", "a/b/2.png"), ("b/1.png", "c/2.png"), ["b/1"], ["b/2.png", "c/2.png"]),
        (("FLIR_0001_IR.png", "FLIR_0002_IR.png"), ("x/FLIR_0001_RGB.png", "x/FLIR_0002_RGB.png"),
         ["FLIR_0001_IR", "FLIR_0002_IR"], []),
        (("s/1/DJI_1_T.JPG", "s/2/DJI_1_T.JPG"), ("s/1/DJI_1_V.JPG", "s/2/DJI_1_V.JPG"),
         ["1/DJI_1_T", "2/DJI_1_T"], []),
    ],
)  # fmt: skip
def test_zips_are_matched_by_folders_and_names_of_cameras(
    pairs, tmp_path, first, second, results, orphans
):
    zips = [
        zip_files(tmp_path / f"{place}.zip", dict(zip(names, files, strict=False)))
        for place, names, files in (("a", first, pairs[0]), ("b", second, pairs[1]))
    ]
    done = fuse_batch(*([file] for file in zips), task="ir-vis")
    assert [*done.done] == results
    assert done.matched.orphans == orphans
    assert batch.write_table(done).read_text().splitlines()[1].startswith(f"{results[0]},")
    with zipfile.ZipFile(batch.pack(done)) as archive:
        assert archive.namelist() == [*(f"{name}.png" for name in results), "metrics.csv"]


def test_folders_of_the_sources_may_lie_anywhere_in_one_zip(pairs, tmp_path):
    folders = ("set/train/mri", "set/train/ct", "set/test/mri", "set/test/CT", "set/figures")
    members = {f"{folder}/1.png": pairs["ct" in folder.lower()][0] for folder in folders}
    members |= {f"__MACOSX/set/test/{kind}/._1.png": pairs[0][0] for kind in ("mri", "ct")}
    done = fuse_batch([zip_files(tmp_path / "both.zip", members)], [], measure=False)
    assert [*done.done] == ["test/1", "train/1"]
    assert done.matched.orphans == ["set/figures/1.png"]
    fused = lkc.fuse(pairs[0][0], pairs[1][0], "mri-ct", lkc.load_model("maximum"))
    assert (lkc.io.image_files.read_image(done.done["test/1"]) == fused).all()


def test_folders_of_a_zip_count_like_images(pairs, tmp_path, monkeypatch):
    deep = zip_files(tmp_path / "deep.zip", {f"{'a/' * 30}1.png": pairs[0][0]})
    monkeypatch.setattr(unpack, "MAX_FILES", 20)
    with pytest.raises(Complaint, match="or 20 images or folders"):
        fuse_batch([deep], pairs[1])


@pytest.mark.parametrize("name", ["../1.png", "a/../../1.png", "/1.png", "..\\1.png", "C:\\1.png"])
def test_a_zip_that_leaves_its_folder_is_not_opened(pairs, tmp_path, name):
    bad = zip_files(tmp_path / "bad.zip", {"1.png": pairs[0][0]})
    data = Path(bad).read_bytes()
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), data)
    with pytest.raises(Complaint, match=r"bad\.zip holds a file name"):
        fuse_batch([bad], pairs[1])


def zip_of_zeros(path: Path, megabytes: int) -> str:
    """A small ZIP that unpacks to a large file."""
    zeros = path.with_suffix(".png")
    zeros.write_bytes(bytes(megabytes * 1_000_000))
    return zip_files(path, {zeros.name: str(zeros)})


def test_a_zip_bomb_is_not_opened(pairs, tmp_path, monkeypatch):
    bomb = zip_of_zeros(tmp_path / "bomb.zip", 2)
    assert Path(bomb).stat().st_size < 10_000
    monkeypatch.setattr(unpack, "MAX_MEGABYTES", 1)
    with pytest.raises(Complaint, match="more than 1 MB"):
        fuse_batch([bomb], pairs[1])


def test_limits_hold_for_all_uploads_together(pairs, tmp_path, monkeypatch):
    bombs = [zip_of_zeros(tmp_path / f"{name}.zip", 1) for name in ("a", "b")]
    monkeypatch.setattr(unpack, "MAX_MEGABYTES", 1)
    with pytest.raises(Complaint, match="more than 1 MB"):
        fuse_batch(bombs[:1], bombs[1:])
    monkeypatch.setattr(unpack, "MAX_FILES", 6)
    with pytest.raises(Complaint, match="or 6 images or folders"):
        fuse_batch(*pairs)


def test_a_refused_batch_leaves_nothing_behind(pairs):
    def unpacked() -> set[Path]:
        return {
            path for path in Path(temporary_files.root_folder().name).rglob("*") if path.is_file()
        }

    before = unpacked()
    with pytest.raises(InputError, match="have no file name in common"):
        fuse_batch(pairs[0][:1], pairs[1][1:])
    assert unpacked() == before


@pytest.mark.parametrize("name", ["", ".", "./", "mri/", "notes.txt", "__MACOSX/mri/1.png"])
def test_entries_of_a_zip_that_are_no_images_are_left_out(pairs, tmp_path, name):
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"")
        archive.write(pairs[0][0], "mri/1.png")
        archive.write(pairs[1][0], "ct/1.png")
    assert [*fuse_batch([str(path)], []).done] == ["1"]


def test_two_images_of_one_name_are_refused_and_not_lost(pairs, tmp_path):
    same = {f"{folder}/1.png": pairs[0][0] for folder in ("mri/mr", "mr/mri", "ct")}
    jpeg = tmp_path / "1.jpg"
    jpeg.write_bytes(Path(pairs[0][0]).read_bytes())
    one = [zip_files(tmp_path / f"{i}.zip", {"1.png": pairs[0][0]}) for i in range(2)]
    for uploads in ([zip_files(tmp_path / "both.zip", same)], one, [pairs[0][0], str(jpeg)]):
        with pytest.raises(Complaint, match="two images of one folder are called 1,"):
            fuse_batch(uploads, pairs[1] if len(uploads) > 1 else [])


def test_a_zip_without_the_folders_of_both_sources_says_what_is_missing(pairs, tmp_path):
    lone = zip_files(tmp_path / "lone.zip", {"mri/1.png": pairs[0][0]})
    with pytest.raises(Complaint, match=r"lone.zip needs two folders, one named mri, one named ct"):
        fuse_batch([lone], [])


def test_damaged_dicom_is_one_sentence(pairs, tmp_path):
    folder = tmp_path / "dicom"
    folder.mkdir()
    (folder / "1.dcm").write_bytes(bytes(128) + b"DICM")
    done = fuse_batch([str(folder / "1.dcm")], pairs[1][:1])
    assert "1.dcm is DICOM without an image" in words.explain(done.errors["1"], "en")
    assert ".dcm" not in batch_tab.FILE_TYPES


def test_batch_explains_what_it_cannot_use(pairs, tmp_path, monkeypatch):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK no")
    for first, second, reason in (
        ([str(broken)], pairs[1], "not a ZIP"),
        (pairs[0], [], "both sources"),
        ([pairs[0][3]], pairs[1], r"MRI \(1 images\) and .*CT \(3 images\) have no file name"),
    ):
        with pytest.raises(InputError, match=reason):
            fuse_batch(first, second)
    with pytest.raises(Complaint, match="detail must lie between 0 and 2"):
        next(batch.fuse_all(*pairs, "mri-ct", "maximum", None, False))
    monkeypatch.setattr(batch, "MAX_PAIRS", 1)
    with pytest.raises(Complaint, match="3 pairs are more"):
        fuse_batch(*pairs)


def test_batch_stops_in_time_and_keeps_what_was_done(pairs, monkeypatch):
    monkeypatch.setattr(batch, "MAX_SECONDS", -1)
    stopped = fuse_batch(*pairs)
    assert stopped.late
    assert not stopped.done


def test_a_file_s_name_is_neither_markup_nor_a_formula(tmp_path):
    small = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    names = ("=cmd.png", "__b__ [l](x).png")
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
    first = [write(tmp_path / "a" / name, small) for name in names]
    second = [write(tmp_path / "b" / names[0], small[::-1])]
    done = fuse_batch(first, second)
    assert batch.write_table(done).read_text().splitlines()[1].startswith("'=cmd,")
    said = batch_tab.report(done, 1.0, False, "en")
    assert "Without partner: &#95;&#95;b&#95;&#95; &#91;l&#93;&#40;x&#41;.png." in said
