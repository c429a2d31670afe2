"""Public data sets in their authors' folders: pairs, orphans, stored splits, contents."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lkc.data import (
    make_manifest,
    read_data_set,
    read_manifest,
    report_orphans,
)
from lkc.data.manifests import COLUMNS, STORED, image_checksum
from lkc.errors import InputError
from lkc.io.pairing import Pairing

RNG = np.random.default_rng(0)


@pytest.fixture
def touch(tmp_path):
    """Make empty files below a folder; nothing here opens them."""

    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return make


def names_of(pairing):
    return [(first.name, second.name) for first, second in pairing.pairs]


@pytest.mark.parametrize(
    ("name", "files", "parts"),
    [
        (
            "MSRS",
            ["train/ir/1D.png", "train/vi/1D.png", "test/ir/2N.png", "test/vi/2N.png"],
            [("train", "ir-vis"), ("test", "ir-vis")],
        ),
        ("MSRS", ["ir/1D.png", "vi/1D.png"], [(".", "ir-vis")]),
        (
            "M3FD",
            [
                f"M3FD_{part}/{side}/1.png"
                for part in ("Fusion", "Detection")
                for side in ("Ir", "Vis")
            ],
            [("M3FD_Fusion", "ir-vis"), ("M3FD_Detection", "ir-vis")],
        ),
        (
            "RoadScene",
            ["cropinfrared/FLIR_1.jpg", "crop_LR_visible/FLIR_1.jpg", "crop_HR_visible/FLIR_1.jpg"],
            [(".", "ir-vis")],
        ),
        ("TNO", ["ir/1.png", "vi/1.png"], [(".", "ir-vis")]),
        (
            "Harvard",
            [
                *("CT-MRI/CT/2004.png", "CT-MRI/MRI/2004.png"),
                *("PET-MRI/test/PET/25015.png", "PET-MRI/test/MRI/25015.png"),
                *("SPECT-MRI/SPECT/3001.png", "SPECT-MRI/MRI/3001.png"),
            ],
            [("CT-MRI", "mri-ct"), ("PET-MRI/test", "mri-pet"), ("SPECT-MRI", "mri-spect")],
        ),
    ],
)
def test_folders_of_each_set(touch, name, files, parts):
    found = read_data_set(name, touch(*files))
    assert [(part.name, part.task) for part in found] == parts
    for part in found:
        assert len(part.pairing.pairs) == 1
        first, second = part.pairing.pairs[0]
        assert first.stem == second.stem
        wanted = ("mri",) if part.task.startswith("mri") else ("ir", "cropinfrared")
        assert first.parent.name.lower() in wanted  # the first source stands first


TNO_PAIRS = [  # folder, infrared, visible, as published
    ("Athena/2_men", "IR_meting003_g.bmp", "VIS_meting003_r.bmp"),
    ("Athena/airplane", "ir.bmp", "vis.bmp"),
    ("Athena/APC_1/view_1", "IR_fk_06_005.bmp", "VIS_fk_06_005.bmp"),
    ("Athena/APC_2/view_1", "2_fk_ge_03_005.bmp", "1_fk_ge_03_005.bmp"),
    ("Athena/bunker", "IR_bunker_g.bmp", "bunker_r.bmp"),
    ("Athena/heather", "IR_hei_vis_g.bmp", "VIS_hei_vis_r.bmp"),
    ("Triclobs/barbed_wire_1", "B_LWIR.tif", "R_Vis.tif"),
    ("Triclobs/barbed_wire_2", "c_LWIR-MarnehNew_24RGB_1110.tif", "a_VIS-MarnehNew_24RGB_1110.tif"),
    ("Triclobs/Bosnia", "LWIR_B.bmp", "VIS_R.bmp"),
    ("Triclobs/Farm", "Farm_IR.bmp", "Farm_Vis.bmp"),
    ("Triclobs/Kaptein_01", "IR01.bmp", "Vis01.bmp"),
    ("Triclobs/Kaptein_1123", "Kaptein_1123_IR.bmp", "Kaptein_1123_Vis.bmp"),
    ("Triclobs/Kaptein_1654", "Kaptein_1654_IR.bmp", "Kaptein_1654_Vis.bmp"),
    ("Triclobs/Marne_01", "Marne_01_IR.bmp", "Marne_01_Vis.bmp"),
    ("Triclobs/Movie_01", "Movie_01_IR.bmp", "Movie_01_Vis.bmp"),
    ("Triclobs/Reek", "Reek_IR.bmp", "Reek_Vis.bmp"),
    ("Triclobs/jeep", "Jeep_IR.bmp", "Jeep_Vis.bmp"),
    ("DHV/wall", "IR_163rad.bmp", "VIS_163dhvR.BMP"),
    ("DHV/Fire/part_1", "thermal/RAD07.bmp", "dhv/DHV07.bmp"),
    ("DHV/Fire/part_2", "rad/RADheli0.bmp", "dhv/DHVheli0.bmp"),
    ("DHV/Fire/part_2", "rad/RADheli1.bmp", "dhv/DHVheli1.bmp"),
    ("DHV/Fire/part_3", "rad/RADheli1.bmp", "dhv/DHVheli1.bmp"),
    ("FEL/camp", "thermal/1800i.bmp", "visual/1800v.bmp"),
    ("tank", "LWIR.tif", "Vis.tif"),
]
TNO_NEITHER = [
    "Athena/2_men/fused.bmp",
    "DHV/wall/NIR_163dhvG.BMP",
    "Triclobs/Bosnia/NIR_G.bmp",
    "Triclobs/Farm/Farm_II.bmp",
    "Triclobs/barbed_wire_1/G_NIR.tif",
    "Triclobs/barbed_wire_2/b_NIR-MarnehNew_24RGB_1110.tif",
]


def test_scenes_of_tno(touch):
    pairs = [(f"{folder}/{a}", f"{folder}/{b}") for folder, a, b in TNO_PAIRS]
    lonely = ["FEL/camp/thermal/1801i.bmp", "FEL/camp/visual/1802v.bmp"]
    hidden = ["Athena/2_men/Thumbs.db", "Athena/2_men/._IR.bmp", "Athena/2_men/IR_notes.txt"]
    root = touch(*(name for pair in pairs for name in pair), *lonely, *TNO_NEITHER, *hidden)
    (part,) = read_data_set("TNO", root)

    def below(path):
        return path.relative_to(root).as_posix()

    assert sorted((below(a), below(b)) for a, b in part.pairing.pairs) == sorted(pairs)
    assert [below(path) for path in part.pairing.first_only] == lonely[:1]
    assert [below(path) for path in part.pairing.second_only] == lonely[1:]
    assert sorted(below(path) for path in part.neither) == sorted(TNO_NEITHER)
    report = report_orphans([part])
    assert "24 pairs, 2 without partner, 6 of neither side" in report
    assert all(f"neither side: {root.as_posix()}/{name}" in report for name in TNO_NEITHER)


def test_one_scene_of_tno(touch):
    (part,) = read_data_set("TNO", touch("thermal/1800i.bmp", "visual/1800v.bmp"))
    assert names_of(part.pairing) == [("1800i.bmp", "1800v.bmp")]


def test_numbered_files_of_tno_in_one_folder(touch):
    (part,) = read_data_set("TNO", touch("IR1.png", "IR2.png", "VIS2.png", "VIS10.png", "IR10.png"))
    assert names_of(part.pairing) == [("IR10.png", "VIS10.png"), ("IR2.png", "VIS2.png")]
    assert report_orphans([part]).endswith("IR1.png")
    assert "2 pairs, 1 without partner" in report_orphans([part])


@pytest.mark.parametrize(
    ("name", "files", "sentence"),
    [
        ("KAIST", ["a/1.png"], "unknown data set 'KAIST'"),
        ("MSRS", ["a/1.png"], "does not look like MSRS: .* in train, test, detection"),
        ("TNO", ["a/1.png"], "does not look like TNO"),
        ("RoadScene", ["ir/1.png", "vi/2.png"], "holds no pair: no two .* have a name in common"),
        ("MSRS", ["ir/1.png"], "holds no pair"),
        ("Harvard", ["a/1.png"], "such as mri and ct or mri and pet or mri and spect, in CT-MRI"),
    ],
)
def test_other_folders_end_in_a_sentence(touch, name, files, sentence):
    with pytest.raises(InputError, match=sentence):
        read_data_set(name, touch(*files))
    with pytest.raises(InputError, match=r"is not a folder|unknown"):
        read_data_set(name, "gone")


@pytest.mark.parametrize(
    ("names", "orphans"), [(["test/ir/2.png"], 1), (["test/ir/a.txt", "test/vi/a.txt"], 0)]
)
def test_a_part_without_pairs_is_said_and_the_rest_read(touch, names, orphans):
    train, test = read_data_set("MSRS", touch("train/ir/1.png", "train/vi/1.png", *names))
    assert names_of(train.pairing) == [("1.png", "1.png")]
    report = report_orphans([train, test])
    assert f"test (ir-vis): 0 pairs, {orphans} without partner" in report
    assert report.count("test/ir/2.png") == orphans


@pytest.fixture
def pairing(tmp_path):
    """Three pairs of small pictures."""
    pairs = []
    for number in "123":
        files = tmp_path / "ir" / f"{number}.png", tmp_path / "vi" / f"{number}.jpg"
        for path, shape in zip(files, ((8, 9), (8, 9, 3)), strict=True):
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(RNG.integers(0, 256, shape, dtype=np.uint8)).save(path)
        pairs.append(files)
    return Pairing(pairs, [], [])


def test_manifests_keep_splits_and_contents(pairing, tmp_path):
    train, test = Pairing(pairing.pairs[:2], [], []), Pairing(pairing.pairs[2:], [], [])
    splits = {"train": train, "test": test}
    make_manifest(splits).to_csv(tmp_path / "own.csv", index=False)
    table = read_manifest(tmp_path / "own.csv")
    assert dict(zip(table["pair"], table["split"], strict=True)) == {
        "1": "train",
        "2": "train",
        "3": "test",
    }
    pd.testing.assert_frame_equal(table, make_manifest(splits))
    Image.new("L", (9, 8)).save(pairing.pairs[1][0])
    pairing.pairs[2][1].write_bytes(pairing.pairs[0][1].read_bytes())
    changed = (make_manifest(splits) != table).any(axis=1)
    assert changed.tolist() == [False, True, True]


def test_checksums_are_of_what_is_shown(tmp_path):
    gray = RNG.integers(0, 256, (8, 9), dtype=np.uint8)
    Image.fromarray(gray).save(tmp_path / "a.png")
    Image.fromarray(np.stack([gray] * 3, axis=2)).save(tmp_path / "b.webp", lossless=True)
    Image.fromarray(gray.reshape(9, 8)).save(tmp_path / "c.png")
    a, b, c = (image_checksum(tmp_path / name) for name in ("a.png", "b.webp", "c.png"))
    assert a == b != c


def test_what_is_no_manifest(tmp_path):
    pd.DataFrame([("1", "test", "", "")] * 2, columns=COLUMNS).to_csv(tmp_path / "twice.csv")
    (tmp_path / "empty.csv").touch()
    for name in ("twice.csv", "empty.csv", "gone.csv"):
        with pytest.raises(InputError, match=r"no manifest|cannot be read"):
            read_manifest(tmp_path / name)


STATED = {  # as lkc/data/splits/README.md says
    "msrs": {"train": 241, "test": 120},
    "harvard-ct-mri": {"train": 140, "test": 44},
    "harvard-pet-mri": {"train": 234, "test": 35},
    "harvard-spect-mri": {"train": 318, "test": 39},
    "roadscene": {"train": 221},
}


def test_stored_splits_hold_what_is_said():
    assert {path.stem for path in STORED.glob("*.csv")} == set(STATED)
    for name, counts in STATED.items():
        table = read_manifest(name)
        assert table["split"].value_counts().to_dict() == counts
        assert (table[["first", "second"]].map(len).to_numpy() == 64).all()


@pytest.mark.parametrize(
    ("name", "part", "manifest"),
    [
        ("MSRS", "test", "msrs"),
        ("Harvard", "CT-MRI/test", "harvard-ct-mri"),
        ("Harvard", "PET-MRI/train", "harvard-pet-mri"),
        ("Harvard", "SPECT-MRI/test", "harvard-spect-mri"),
        ("RoadScene", ".", "roadscene"),
    ],
)
def test_stored_splits_are_those_of_the_data(shared, name, part, manifest):
    parts = {part.name: part.pairing for part in read_data_set(name, shared / "data" / name)}
    table = read_manifest(manifest).set_index("pair")
    split = Path(part).name or "train"
    names = [first.stem for first, _ in parts[part].pairs]
    assert len(names) == STATED[manifest][split]
    assert set(table.loc[names, "split"]) == {split}
    some = make_manifest({split: Pairing(parts[part].pairs[:5], [], [])}).set_index("pair")
    pd.testing.assert_frame_equal(some, table.loc[names[:5]])
