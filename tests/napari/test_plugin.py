"""The plugin for napari: with stand-ins for its layers, and with napari itself where it is."""

import tomllib
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

import lkc
from lkc.errors import InputError
from lkc.io.image_files import read_image
from lkc.io.kinds import IMAGE_KINDS, KINDS
from lkc.io.reading import VOLUME_READERS
from lkc.napari.reader import get_reader
from lkc.napari.widget import as_pixels, as_volume, fuse_layers

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "lkc" / "napari"
NIGHT = [str(ROOT / f"assets/examples/ir-vis/{kind}/night.png") for kind in ("ir", "vis")]


def stand_in(values, about, _="image"):
    """What the widget asks of a layer of napari, with places as napari computes them."""
    ndim = values.ndim - about["rgb"]

    def data_to_world(index):
        return about["affine"][:-1, :-1] @ (about["scale"] * index) + about["affine"][:-1, -1]

    return SimpleNamespace(
        **{"contrast_limits": [0, 255], "metadata": {}} | about,
        data=values, ndim=ndim, data_to_world=data_to_world,
    )  # fmt: skip


def real_layer(values, about, _="image"):
    layers = pytest.importorskip("napari.layers", reason="napari is not installed")
    return layers.Image(values, **about)


def read(path):
    (layer,) = get_reader(str(path))(str(path))
    return layer


def write_volume(path, affine, shape=(24, 20, 18)):
    nibabel = pytest.importorskip("nibabel")
    values = np.random.default_rng(0).random(shape, dtype=np.float32) * 900
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    return values


AFFINE = np.array([[0, -2.0, 0, 30], [3.0, 0, 0, -40], [0, 0, 5.0, 7], [0, 0, 0, 1]])


def test_the_manifest_names_what_there_is():
    manifest = yaml.safe_load((PLUGIN / "napari.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["napari.manifest"] == {
        manifest["name"]: "lkc.napari:napari.yaml"
    }
    contributions = manifest["contributions"]
    for command in contributions["commands"]:
        module, _, function = command["python_name"].partition(":")
        assert callable(getattr(import_module(module), function))
    read_kinds = {*IMAGE_KINDS, *VOLUME_READERS} - {"other volume"}
    suffixes = {f"*{suffix}" for kind in read_kinds for suffix in KINDS[kind].suffixes}
    (reader,) = contributions["readers"]
    assert set(reader["filename_patterns"]) == suffixes


def test_napari_is_no_dependency_and_the_plugin_is_small():
    assert "napari" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in PLUGIN.glob("*.py"))
    assert lines < 150


@pytest.mark.parametrize("make", [stand_in, real_layer])
def test_the_fused_layer_has_the_pixels_of_fuse(make):
    first, second = (make(*read(path)) for path in NIGHT)
    values, about, kind = fuse_layers(first, second)
    assert kind == "image"
    assert about["rgb"]
    assert np.array_equal(values, lkc.fuse(*NIGHT))


@pytest.mark.parametrize("make", [stand_in, real_layer])
def test_contrast_limits_are_the_window(make, tmp_path):
    deep = read_image(NIGHT[0]).astype(np.uint16) * 20 + 3000
    np.save(tmp_path / "deep.npy", deep)
    layer = make(*read(tmp_path / "deep.npy"))
    low, high = np.percentile(deep, (1, 99))
    assert layer.contrast_limits == pytest.approx([low, high], rel=1e-4)
    layer.contrast_limits = [4000, 6000]
    expected = ((deep - 4000.0) / 2000).clip(0, 1) * 65535
    assert np.abs(as_pixels(layer) - expected).max() <= 0.51


@pytest.mark.parametrize("make", [stand_in, real_layer])
def test_a_volume_keeps_its_voxels_and_its_place(make, tmp_path):
    values = write_volume(tmp_path / "mri.nii.gz", AFFINE)
    layer = make(*read(tmp_path / "mri.nii.gz"))
    assert layer.data.shape == (18, 20, 24)  # (Z, Y, X)
    assert np.asarray(layer.scale) == pytest.approx([5, 2, 3])
    # Voxel (1, 2, 3) lies at right 26, anterior -37, superior 22; napari's axes go up, back, left.
    assert np.array(layer.data_to_world((3, 2, 1))) == pytest.approx([22, 37, -26])
    back = as_volume(layer)
    assert np.array_equal(back.values, values)
    assert back.affine == pytest.approx(AFFINE)


@pytest.mark.parametrize("make", [stand_in, real_layer])
@pytest.mark.parametrize("task", ["mri-ct", "mri-pet"])
def test_volumes_are_fused_on_the_grid_of_the_first(make, task, tmp_path):
    pytest.importorskip("SimpleITK")
    write_volume(tmp_path / "a.nii", AFFINE)
    write_volume(tmp_path / "b.nii", AFFINE @ np.diag([0.5, 0.5, 0.5, 1]), (48, 40, 36))
    first, second = (make(*read(tmp_path / name)) for name in ("a.nii", "b.nii"))
    values, about, _ = fuse_layers(first, second, task)
    paths = [lkc.io.read_volume(tmp_path / name) for name in ("a.nii", "b.nii")]
    expected = lkc.fusion.fuse_volumes(*paths, task=task).values
    difference = values.astype(int) - np.moveaxis(expected, (0, 2), (2, 0))
    assert np.abs(difference).max() <= (0 if task == "mri-pet" else 8)  # limits have six digits
    assert about["scale"] == pytest.approx([5, 2, 3])
    fused = make(values, about)
    for index in ((0, 0, 0), (3, 2, 1)):
        assert np.allclose(fused.data_to_world(index), first.data_to_world(index), atol=1e-6)


def test_what_cannot_be_fused_is_one_sentence():
    first, second = (stand_in(*read(path)) for path in NIGHT)
    with pytest.raises(InputError, match="chosen twice"):
        fuse_layers(first, first)
    values, about, _ = read(NIGHT[1])
    moved = stand_in(values, about | {"affine": np.array([[1, 0, 5.0], [0, 1, 0], [0, 0, 1]])})
    with pytest.raises(InputError, match="different places"):
        fuse_layers(first, moved)
    cut = stand_in(values[:-8], about)
    with pytest.raises(InputError, match="infrared is 640x480 but visible is 640x472"):
        fuse_layers(first, cut)
    volume = stand_in(
        np.zeros((4, 32, 32)), about | {"rgb": False, "affine": np.eye(4), "scale": 1}
    )
    with pytest.raises(InputError, match="two gray volumes of three axes"):
        fuse_layers(volume, second)


def test_what_the_plugin_does_not_read_is_left_to_others(tmp_path):
    (tmp_path / "sub").mkdir()
    clip = tmp_path / "a.avi"
    clip.write_bytes(b"RIFF0000AVI 0000")
    assert get_reader(str(tmp_path / "none.png")) is None
    assert get_reader(str(tmp_path)) is None
    assert get_reader(str(clip)) is None
    assert get_reader(NIGHT) is None


def test_napari_opens_and_fuses_through_the_manifest():
    """As in the viewer, but without a window: what it asks of a widget is the function."""
    npe2 = pytest.importorskip("npe2", reason="npe2 is not installed")
    components = pytest.importorskip("napari.components", reason="napari is not installed")
    manager = npe2.PluginManager.instance()
    if "lkc" not in manager:
        manager.register(npe2.PluginManifest.from_file(PLUGIN / "napari.yaml"))
    manifest = manager.get_manifest("lkc")
    manifest.validate_imports()
    viewer = components.ViewerModel()
    viewer.open(NIGHT, plugin="lkc", stack=False)
    assert [layer.name for layer in viewer.layers] == ["night.png", "night.png [1]"]
    (widget,) = manifest.contributions.widgets
    fused = manager.commands.get(widget.command)(*viewer.layers)
    viewer._add_layer_from_data(*fused)
    assert np.array_equal(viewer.layers[-1].data, lkc.fuse(*NIGHT))
