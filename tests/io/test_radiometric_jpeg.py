"""FLIR's radiometric JPEG: temperatures against the radiation that the test itself computes."""

import warnings
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lkc.errors import InputError
from lkc.io import parse_window, read, show
from lkc.io.kinds import kind_of
from lkc.io.radiometric_jpeg import read_visible
from tests.fixtures.radiometric_files import as_jpeg, to_counts, write_dji, write_flir

ROWS, COLUMNS = np.mgrid[:120, :160]
CELSIUS = 12 + COLUMNS / 10 + 9 * np.exp(-((ROWS - 40) ** 2 + (COLUMNS - 90) ** 2) / 400)
VISIBLE = np.stack([ROWS, COLUMNS, ROWS + COLUMNS // 2], axis=2).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"stored": "straight png"},
        {"stored": "raw"},
        {"stored": "raw", "order": ">"},
        {"order": ">", "directory_last": True},
    ],
)
def test_every_layout_gives_the_temperatures(tmp_path, layout):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS), **layout)
    data = read(path)
    assert (kind_of(path), data.unit) == ("radiometric", "C")
    assert data.values.shape == CELSIUS.shape
    assert np.abs(data.values - CELSIUS).max() < 0.03  # half a count


@pytest.mark.parametrize(
    "camera",
    [
        {"emissivity": 0.6, "reflected": 250.0},
        {"distance": 80.0, "air": 303.15, "humidity": 0.9},
        {"transmission": 0.7, "window": 310.0},
    ],
)
def test_what_the_camera_states_is_corrected(tmp_path, camera):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS, **camera), **camera)
    assert np.abs(read(path).values - CELSIUS).max() < 0.06
    uncorrected = write_flir(tmp_path / "b.jpg", to_counts(CELSIUS, **camera))
    assert np.abs(read(uncorrected).values - CELSIUS).max() > 0.5


def test_a_camera_without_window_need_not_state_its_temperature(tmp_path):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS), window=0.0)
    assert np.abs(read(path).values - CELSIUS).max() < 0.03


def test_humidity_in_percent(tmp_path):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS, distance=80.0), distance=80.0)
    other = write_flir(
        tmp_path / "b.jpg", to_counts(CELSIUS, distance=80.0), distance=80.0, humidity=50.0
    )
    assert np.array_equal(read(path).values, read(other).values)


def test_many_segments(tmp_path):
    noisy = CELSIUS.repeat(3, axis=0) + np.random.default_rng(0).normal(0, 0.2, (360, 160))
    data = read(write_flir(tmp_path / "a.jpg", to_counts(noisy), stored="raw"))
    assert np.abs(data.values - noisy).max() < 0.03


def test_the_window_is_of_temperatures_and_says_so(tmp_path):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS))
    for window in ("15C,30C", "15,30"):
        pixels, said = show(read(path), parse_window(window))
        assert np.abs(pixels / 65535 - ((CELSIUS - 15) / 15).clip(0, 1)).max() < 0.003
        assert said == (
            "fixed: 15 to 30 C, temperatures, not the picture, for emissivity 0.95 at 1 m"
        )
    assert show(read(path))[1].startswith("percentile 1,99: 12.")


def test_the_visible_picture_inside(tmp_path):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS), VISIBLE)
    expected = np.asarray(Image.open(BytesIO(as_jpeg(VISIBLE))))
    with open(path, "rb") as file:
        assert np.array_equal(read_visible(file, "a.jpg", 10**6).values, expected)
    bare = write_flir(tmp_path / "b.jpg", to_counts(CELSIUS))
    with open(bare, "rb") as file, pytest.raises(InputError, match="holds no visible picture"):
        read_visible(file, "b.jpg", 10**6)


@pytest.mark.parametrize(
    "camera",
    [
        {"emissivity": 0.0},
        {"r1": 0.0},
        {"b": float("nan")},
        {"transmission": 2.0},
        {"distance": -1.0},
        {"r2": 1e9},
        {"b": 60_000.0},
    ],
)
def test_constants_that_give_no_temperatures(tmp_path, camera):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS), **camera)
    with pytest.raises(InputError, match="constants that give no temperatures"):
        read(path)


def test_damage_is_one_sentence(tmp_path):
    path = write_flir(tmp_path / "a.jpg", to_counts(CELSIUS).repeat(3, 1), stored="raw")
    whole = path.read_bytes()
    second = whole.index(b"FLIR\0\1\1")
    for content in (whole[:second] + b"LOST" + whole[second + 4 :], whole[: second + 100]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"^a\.jpg is damaged"):
            read(path)


def test_what_is_missing_is_said(tmp_path):
    counts = to_counts(CELSIUS)
    path = write_flir(tmp_path / "a.jpg", counts, without=0x01)
    with pytest.warns(UserWarning, match="no thermal data: its picture is used"):
        assert read(path).values.shape == (*CELSIUS.shape, 3)
    path = write_flir(tmp_path / "a.jpg", counts, without=0x20)
    with pytest.warns(UserWarning, match="its raw counts are used, which are no temperatures"):
        data = read(path)
    assert np.array_equal(data.values, counts)
    assert (data.unit, data.origin) == ("", "raw counts, not the picture")
    path = write_flir(tmp_path / "a.jpg", counts + np.uint16(29000 - counts.min()), without=0x20)
    with (
        pytest.warns(UserWarning, match="raw counts"),
        pytest.raises(InputError, match="is not radiometric"),
    ):
        show(read(path), parse_window("10C,40C"))  # as if they were 0.01 kelvin


def test_a_dji_picture_says_how_to_get_temperatures(tmp_path):
    path = write_dji(tmp_path / "a.jpg", VISIBLE)
    with pytest.warns(UserWarning, match=r"convert it with dji_irp and save them as TIFF or \.npy"):
        assert read(path).values.shape == VISIBLE.shape
    plain = tmp_path / "b.jpg"
    plain.write_bytes(as_jpeg(VISIBLE))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(plain).unit == ""
