"""Public data sets in their authors' folders: pairs, orphans, stored splits, contents."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lkc.data import (
    find_changed,
    make_manifest,
    read_data_set,
    read_manifest,
    report_orphans,
    split_pairs,
)
from lkc.data.manifests import COLUMNS, STORED, image_checksum
from lkc.errors import InputError
from lkc.pairing import Pairing

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


def test_scenes_of_tno(touch):
    root = touch(
        *("Athena/men/IR_meting003_g.bmp", "Athena/men/VIS_meting003_r.bmp"),
        *("Athena/men/IR_meting003_g.txt", "Athena/men/fused.bmp"),
        *("FEL/camp/thermal/1800i.bmp", "FEL/camp/visual/1800v.bmp"),
        *("FEL/camp/thermal/1801i.bmp", "FEL/camp/visual/1802v.bmp"),
        *("DHV/fire/part_1/thermal/RAD07.bmp", "DHV/fire/part_1/dhv/DHV07.bmp"),
        *("Triclobs/bosnia/IR.bmp", "Triclobs/bosnia/Vis.bmp", "Triclobs/bosnia/NIR.bmp"),
        *("tank/LWIR.tif", "tank/Vis.tif"),
    )
    (part,) = read_data_set("TNO", root)
    assert sorted(names_of(part.pairing)) == [
        ("1800i.bmp", "1800v.bmp"),
        ("IR.bmp", "Vis.bmp"),
        ("IR_meting003_g.bmp", "VIS_meting003_r.bmp"),
        ("LWIR.tif", "Vis.tif"),
        ("RAD07.bmp", "DHV07.bmp"),
    ]
    assert [path.name for path in part.pairing.first_only] == ["1801i.bmp"]
    assert [path.name for path in part.pairing.second_only] == ["1802v.bmp"]


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
        ("RoadScene", ["ir/1.png", "vi/2.png"], "no file name in common"),
    ],
)
def test_other_folders_end_in_a_sentence(touch, name, files, sentence):
    with pytest.raises(InputError, match=sentence):
        read_data_set(name, touch(*files))
    with pytest.raises(InputError, match=r"is not a folder|unknown"):
        read_data_set(name, "gone")


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
    assert {name: part.pairs for name, part in split_pairs(pairing, table).items()} == {
        name: part.pairs for name, part in splits.items()
    }
    assert find_changed(pairing, table) == []
    Image.new("L", (9, 8)).save(pairing.pairs[1][0])
    pairing.pairs[2][1].write_bytes(pairing.pairs[0][1].read_bytes())
    assert find_changed(pairing, table) == ["2", "3"]
    assert list(split_pairs(pairing, table[1:])) == ["unlisted", "train", "test"]


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
    table = read_manifest(manifest)
    split = Path(part).name or "train"
    assert list(split_pairs(parts[part], table)) == [split]
    assert len(parts[part].pairs) == STATED[manifest][split]
    some = Pairing(parts[part].pairs[:5], [], [])
    assert find_changed(some, table) == []
