"""The generator of example pairs."""

import sys

import numpy as np
import pytest

import lkc
from lkc.data.synthetic import CLASSES, TIMES, head_phantom, street_scene
from lkc.images import read_image

SMALL = {"height": 120, "width": 160}


@pytest.mark.parametrize("time", TIMES)
def test_a_seed_gives_the_same_street_again(time):
    one, two = street_scene(3, time=time, **SMALL), street_scene(3, time=time, **SMALL)
    other = street_scene(4, time=time, **SMALL)
    assert np.array_equal(one.visible, two.visible)
    assert np.array_equal(one.infrared, two.infrared)
    assert not np.array_equal(one.visible, other.visible)


def test_street_has_the_shapes_and_every_class():
    scene = street_scene(1, time="day")
    assert scene.infrared.shape == scene.labels.shape == (480, 640)
    assert scene.visible.shape == (480, 640, 3)
    present = np.bincount(scene.labels.ravel(), minlength=len(CLASSES))
    assert (present > 50).all()


@pytest.mark.parametrize("time", TIMES)
def test_persons_are_warm_in_infrared(time):
    scene = street_scene(2, time=time)
    person = scene.labels == CLASSES.index("person")
    road = scene.labels == CLASSES.index("road")
    assert scene.infrared[person].mean() > scene.infrared[road].mean() + 80


def test_lane_marks_show_in_the_visible_image_only():
    scene = street_scene(2, time="day")
    road = scene.labels == CLASSES.index("road")
    mark = road & (scene.visible.min(axis=2) > 190)
    plain = road & (scene.visible.max(axis=2) < 150)
    assert mark.sum() > 200
    assert abs(scene.infrared[mark].mean() - scene.infrared[plain].mean()) < 8


def test_night_hides_persons_from_the_visible_camera():
    scene = street_scene(12, time="night")
    person = scene.labels == CLASSES.index("person")
    assert scene.visible[person].mean() < 70 < scene.infrared[person].mean()


def test_unknown_time_is_one_sentence():
    with pytest.raises(lkc.InputError, match="unknown time 'dusk'"):
        street_scene(0, time="dusk")


def test_head_is_deterministic_and_lesion_is_optional():
    head, again = head_phantom(7), head_phantom(7)
    assert np.array_equal(head.pet, again.pet)
    assert np.array_equal(head.mri, again.mri)
    assert head.lesion.sum() > 100
    assert not head_phantom(7, lesion=False).lesion.any()


@pytest.mark.parametrize("seed", range(4))
def test_each_modality_shows_the_lesion_in_its_own_way(seed):
    head = head_phantom(seed)
    healthy = head_phantom(seed, lesion=False)
    change = {
        name: getattr(head, name)[head.lesion].mean() - getattr(healthy, name)[head.lesion].mean()
        for name in ("mri", "ct")
    }
    assert change["mri"] > 25
    assert 5 < change["ct"] < 60
    red, healthy_red = head.pet[head.lesion, 0].mean(), healthy.pet[head.lesion, 0].mean()
    assert red > healthy_red  # the hot end of the colours is red
    assert head.spect[head.lesion].mean() < healthy.spect[head.lesion].mean()


def test_shipped_examples_are_what_the_generator_draws(tmp_path, request):
    assets = request.config.rootpath / "assets"
    sys.path.insert(0, str(assets))
    try:
        from make_examples import write_examples
    finally:
        sys.path.remove(str(assets))
    write_examples(tmp_path)
    drawn = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*.png"))
    shipped = sorted(
        p.relative_to(assets / "examples") for p in (assets / "examples").rglob("*.png")
    )
    assert drawn == shipped
    for path in drawn:  # drawing libraries may round an edge differently on another platform
        difference = read_image(tmp_path / path).astype(int) - read_image(
            assets / "examples" / path
        )
        assert np.abs(difference).mean() < 0.5
