"""What the tab "Look inside" computes."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import lkc
from demo.tabs import about
from demo.tabs.inside import layer_label
from demo.words import say as words
from demo.words.say import Complaint
from demo.work import inside, receptive_field
from demo.work.inside_results import (
    Spot,
    Subject,
    first_spot,
    mark,
    show_fields,
    show_layer,
    show_share,
)
from lkc.analysis.constant_statistics import with_statistics_of
from lkc.analysis.receptive_field import area_by_mass, crop_around, effective_field

EXAMPLES = Path(__file__).parents[2] / "assets" / "examples"
NIGHT = [str(EXAMPLES / "ir-vis" / folder / "night.png") for folder in ("ir", "vis")]
HEAD = [str(EXAMPLES / "mri-pet" / folder / "head-1.png") for folder in ("mri", "pet")]


@pytest.fixture
def small_pair(tmp_path) -> list[str]:
    """A dark first source with a bright square, and a gray second one: 48 x 64."""
    first = np.zeros((48, 64), np.uint8)
    first[20:28, 40:48] = 255
    paths = [str(tmp_path / name) for name in ("first.png", "second.png")]
    for path, image in zip(paths, (first, np.full((48, 64), 60, np.uint8)), strict=True):
        cv2.imwrite(path, image)
    return paths


def test_every_norm_that_is_offered_has_networks_for_its_kernel_sizes():
    norms = ["hybrid", "instance", "group", "layer", "batch"]
    assert inside.list_norms("ir-vis") == [*norms, "shipped"]
    assert inside.list_trained("ir-vis", "k3") == [norm for norm in norms if norm != "layer"]
    assert inside.list_norms("mri-ct") == ["hybrid", "batch", "shipped"]
    for task in lkc.TASKS:
        for norm in inside.list_norms(task):
            sizes = inside.kernels_to_compare(task, norm)
            assert sizes == (["k15"] if norm in ("layer", "shipped") else ["k3", "k15"])
            assert inside.has_both_kernels(task, norm) == (len(sizes) == 2)
            for kernels in sizes:
                network = inside.load_network(task, norm, kernels)
                assert network.config.kernel_sizes[0] == int(kernels[1:])
                assert inside.KERNELS[kernels].startswith(kernels[1:])
                assert norm in (network.config.norm, "shipped")


def test_a_layer_is_shown_as_the_network_computes_it(small_pair):
    sources, factor = inside.read_sources(*small_pair, "ir-vis")
    network = inside.load_network("ir-vis", "batch", "k3")
    seen = inside.look(network, sources, "model.encoder.1")
    assert factor == 1
    assert np.array_equal(seen.fused, inside.to_8_bit(network(sources)))
    assert seen.shape == (64, 12, 16)
    assert len(seen.maps) == inside.CHANNELS
    assert all(np.ptp(image) == 255 for image in seen.maps.values())
    assert min(image.shape[1] for image in seen.maps.values()) >= inside.MAP_SIDE


def test_layers_are_listed_in_the_order_of_their_work_and_have_names():
    layers = inside.list_layers()
    assert layers[0] == "model.stem"
    assert layers[-1] == "model.head"
    assert layers.index("model.mid") < layers.index("model.join.2") < layers.index("model.join.0")
    for language in words.TEXT:
        assert len({layer_label(layer, language) for layer in layers}) == len(layers)


def test_a_large_pair_is_looked_at_on_a_copy_that_is_told(tmp_path):
    large = [str(tmp_path / name) for name in ("a.png", "b.png")]
    for path, source in zip(large, NIGHT, strict=True):
        cv2.imwrite(path, cv2.resize(cv2.imread(source), (1280, 960)))
    sources, factor = inside.read_sources(*large, "ir-vis")
    assert sources.shape == (1, 2, 480, 640)
    assert factor == 0.5
    subject = Subject(*large, "ir-vis", "hybrid", "k3")
    assert "640 × 480" in show_layer(subject, "model.stem", "en")[1]


def test_the_field_of_a_known_filter():
    """A 5x5 mean of the first source and nothing of the second."""
    average = torch.nn.Conv2d(2, 1, 5, padding=2, bias=False).requires_grad_(False)
    average.weight.copy_(torch.stack([torch.ones(5, 5), torch.zeros(5, 5)])[None])
    found = receptive_field.measure_field(average, torch.rand(1, 2, 40, 50), (10, 30), 8)
    assert found.values[0, 8:13, 28:33].min() == found.values.max() == 1
    assert found.values.sum() == 25
    assert (found.first_share, found.sides) == (1, {0.5: 5, 0.99: 5})


def test_the_view_of_a_field_stays_inside_the_image_and_shows_the_pixel():
    values = np.zeros((2, 120, 200))
    for row, column in ((0, 0), (119, 199), (60, 100)):
        found = receptive_field.Field(values, (row, column), {0.99: 61}, 0.5)
        rows, columns = receptive_field.view_of([found])
        assert 0 <= rows.start <= row < rows.stop <= 120
        assert 0 <= columns.start <= column < columns.stop <= 200
        painted = receptive_field.paint(found, np.zeros((120, 200), np.float32), 0, (rows, columns))
        assert max(painted.shape) > 2 * receptive_field.MIN_VIEW


def test_a_crop_with_the_statistics_of_the_whole_tells_what_the_whole_does():
    """Where instance norm decides; a crop alone has other statistics."""
    sources, _ = inside.read_sources(*NIGHT, "ir-vis")
    sides = []
    for kernels, reach in receptive_field.REACH.items():
        network = inside.load_network("ir-vis", "instance", kernels)
        held, _ = with_statistics_of(network, sources)
        for pixel in ((250, 505), (479, 4)):
            found = receptive_field.measure_field(held, sources, pixel, reach)
            whole = effective_field(network, sources, pixel, detach_norms=True)
            sides.append(area_by_mass(whole.sum(0), receptive_field.SHARES, pixel))
            assert found.sides == sides[-1]
            assert found.values.shape == (2, 480, 640)
            missed = np.abs(found.values - (whole / whole.max()).numpy()).sum() * whole.max()
            assert missed < 0.02 * whole.sum()
            rows, columns = crop_around(pixel[0], reach, 480), crop_around(pixel[1], reach, 640)
            inside_crop = pixel[0] - rows.start, pixel[1] - columns.start
            alone = effective_field(
                network, sources[..., rows, columns], inside_crop, detach_norms=True
            )
            assert (alone / alone.max() - whole[:, rows, columns] / whole.max()).abs().max() > 0.02
    assert sides[0][0.99] < sides[2][0.99]  # large kernels see farther


def test_a_warm_square_is_infrared_and_its_surroundings_are_not(small_pair):
    sources, _ = inside.read_sources(*small_pair, "ir-vis")
    network = inside.load_network("ir-vis", "shipped", "k15")
    warm, cold = (
        inside.share_of_sources(network, sources, pixel, 5)[0] for pixel in ((24, 44), (24, 10))
    )
    assert warm > 0.7
    assert abs(cold) < 0.3


def test_the_first_spot_is_where_the_sources_differ_most(small_pair):
    row, column = first_spot(Subject(*small_pair, "ir-vis", "hybrid", "k15"))
    assert 20 <= row < 28
    assert 40 <= column < 48


@pytest.mark.parametrize("language", words.TEXT)
def test_everything_is_said_and_painted(small_pair, language):
    subject, spot = Subject(*small_pair, "ir-vis", "hybrid", "k3"), Spot(24, 44, 9)
    maps, line = show_layer(subject, "model.stem", language)
    assert len(maps) == inside.CHANNELS
    assert "48" in line
    marked = lkc.io.image_files.read_image(mark(subject, "model.stem", spot))
    assert marked.shape == (48, 64, 3)
    assert len(np.unique(marked[20 - 1, 40:48], axis=0)) == 1  # the frame's upper edge
    assert "%" in show_share(subject, spot, language)
    pictures, text = show_fields(subject, spot, language)
    assert len(pictures) == 4
    assert text.count("3×3") == 1


def test_pet_borrows_the_networks_for_ct_and_says_so():
    borrowed = show_layer(Subject(*HEAD, "mri-pet", "hybrid", "k15"), "model.stem", "en")[1]
    own = show_layer(Subject(*HEAD, "mri-pet", "shipped", "k15"), "model.stem", "en")[1]
    assert "MRI with CT" in borrowed
    assert "MRI with CT" not in own


def test_a_missing_source_and_a_pixel_outside_are_one_sentence(small_pair):
    with pytest.raises(Complaint, match="Waiting for a pair"):
        Subject(None, small_pair[1], "ir-vis", "hybrid", "k3").sources()
    subject = Subject(*small_pair, "ir-vis", "hybrid", "k3")
    for look in (
        lambda spot: show_share(subject, spot, "en"),
        lambda spot: show_fields(subject, spot, "en"),
    ):
        with pytest.raises(Complaint, match="64 × 48"):
            look(Spot(48, 0, 9))


@pytest.mark.parametrize("language", words.TEXT)
def test_the_model_card_has_the_numbers_of_the_benchmark(language):
    before, table, after = about.about(language)
    assert "288,144" in before
    assert table.count("<tr>") == 1 + 2 + 2 + 2 + 6  # head, tasks; five published on roads
    page = (Path(__file__).parents[2] / "benchmarks" / "README.md").read_text(encoding="utf-8")
    roads = next(line for line in page.splitlines() if line.startswith("| lite |"))
    numbers = roads.replace("*", "").strip("| ").split(" | ")[1:13]  # eleven metrics and the rank
    assert "".join(f"<td>{number}</td>" for number in numbers) in table
    assert "10.1016/j.patcog.2025.112903" in after
    assert about.TABLE not in before + after


def test_a_chinese_sentence_of_the_model_card_has_no_blank_where_its_line_was_broken():
    before, _, after = about.about("zh")
    assert not re.search(r"(?m)^(?!#).*[^\x00-\x7f]\n *[^\x00-\x7f]", before + after)
    assert "## 图像如何处理\n输入" in before


def test_the_numbers_of_the_model_card_are_those_of_the_stored_values(tmp_path):
    run = pytest.importorskip("benchmarks.run")
    run.write_page_table(run.HERE / "results", tmp_path / "written.csv")
    assert (tmp_path / "written.csv").read_text() == about.NUMBERS.read_text()
