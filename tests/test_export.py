"""The ONNX file: the same result at every size, self-contained, and it says what it is."""

import numpy as np
import pytest
import torch

import lkc
from lkc.errors import InputError
from lkc.export import (
    as_inputs,
    calibration_pairs,
    export_onnx,
    network_to_onnx,
    write_onnx,
)
from lkc.model.lkc_funet import LKCFUNet
from lkc.model.network import FusionNet, NetworkConfig
from lkc.tasks import TASKS, get_task

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

SIZES = ((16, 16), (61, 83), (120, 160))


def run(path, first, second):
    """Run a file on a pair of images: (H, W) float32 in [0, 1]."""
    return onnxruntime.InferenceSession(path).run(None, as_inputs(first, second))[0][0, 0]


def expected(network, first, second):
    inputs = as_inputs(first, second)
    sources = np.concatenate([inputs["first"], inputs["second"]], axis=1)
    with torch.inference_mode():
        return network(torch.from_numpy(sources)).clamp(0, 1)[0, 0].numpy()


def scene(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    first, second = next(iter(calibration_pairs(get_task("ir-vis"))))
    return first[:height, :width], second[:height, :width]


@pytest.fixture(scope="module")
def nano_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("nano") / "nano.onnx"
    export_onnx(path, preset="nano")
    return path


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Each precision of the road network, exported once: precision -> path."""
    folder, files, graphs = tmp_path_factory.mktemp("onnx"), {}, []

    def convert(network):
        """Turn the network into a graph once, which takes longer than all other steps."""
        if not graphs:
            graphs.append(network_to_onnx(network))
        copied = onnx.ModelProto()
        copied.CopyFrom(graphs[0])
        return copied

    def export(precision: str):
        if precision not in files:
            files[precision] = folder / f"{precision}.onnx"
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("lkc.export.network_to_onnx", convert)
                export_onnx(files[precision], precision=precision)
        return files[precision]

    return export


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_the_file_fuses_every_size_as_the_network_does(exported, size):
    pair = scene(*size)
    network = lkc.load_model("lite", "ir-vis", device="cpu")
    fused = run(exported("fp32"), *pair)
    assert fused.shape == size
    assert np.abs(fused - expected(network, *pair)).max() < 1e-4
    assert np.abs(fused - run(exported("fp32"), pair[1], pair[0])).max() > 0.01  # order matters


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_sides_have_names(exported, precision):
    session = onnxruntime.InferenceSession(exported(precision))
    for value in (*session.get_inputs(), *session.get_outputs()):
        assert value.shape == [1, 1, "height", "width"]


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "decibel"), [("fp16", 60), ("int8", 35)])
def test_smaller_numbers_stay_close(exported, precision, decibel):
    pair = scene(*SIZES[-1])
    error = run(exported(precision), *pair) - run(exported("fp32"), *pair)
    assert 0 < np.square(error).mean() < 10 ** (-decibel / 10)
    assert exported(precision).stat().st_size < 0.6 * exported("fp32").stat().st_size


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_one_file_says_what_it_is_and_nothing_of_this_machine(exported, precision):
    path = exported(precision)
    model = onnx.load(path, load_external_data=False)
    notes = {entry.key: entry.value for entry in model.metadata_props}
    assert notes["task"] == "ir-vis"
    assert notes["first"].startswith("infrared")
    assert notes["second"].startswith("visible")
    assert "[0, 1]" in notes["range"]
    assert notes["licence"] == "Apache-2.0"
    assert notes["made by"] == f"lkc {lkc.__version__}"
    assert notes["precision"] == precision
    assert {entry.name for entry in model.graph.input} == {"first", "second"}
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    content = path.read_bytes()
    assert not [word for word in (b"/work", b"/home", b".py") if word in content]


@pytest.mark.slow
@pytest.mark.parametrize("levels", [(0.4, 0.5), (0.9, 0.2), (1.0, 1.0)])
def test_a_flat_pair_meets_double_precision(nano_file, levels):
    """Variances near zero must not drown in the rounding of large sums: torch itself fails here."""
    first, second = (torch.full((1, 1, 480, 640), level) for level in levels)
    network = lkc.load_model("nano", "ir-vis", device="cpu").double()
    with torch.inference_mode():
        exact = network(torch.cat([first, second], dim=1).double()).clamp(0, 1).numpy()
    inputs = {"first": first.numpy(), "second": second.numpy()}
    (fused,) = onnxruntime.InferenceSession(nano_file).run(None, inputs)
    assert 255 * np.abs(fused - exact).max() < 0.5


@pytest.mark.slow
def test_the_release_exports_too(tmp_path):
    config = NetworkConfig("base", "released", (5, 3, 3), shortcut=False)
    network = FusionNet(config, LKCFUNet("released", (5, 3, 3), width=32)).eval()
    write_onnx(tmp_path / "base.onnx", network_to_onnx(network), {})
    pair = scene(17, 22)
    difference = run(tmp_path / "base.onnx", *pair) - expected(network, *pair)
    assert np.abs(difference).max() < 1e-4


@pytest.mark.parametrize("task", TASKS)
def test_there_are_pairs_to_calibrate_on(task):
    first, second = next(iter(calibration_pairs(get_task(task))))
    assert first.shape == second.shape[:2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "a.txt"], ".onnx"),
        (["-o", "nowhere/a.onnx"], "folder does not exist"),
        (["-o", "a.onnx", "--precision", "fp8"], "fp32, fp16, int8"),
        (["-o", "a.onnx", "--preset", "average"], "is a rule"),
        (["-o", "a.onnx", "--preset", "base"], "no weights ship"),
        (["-o", "a.onnx", "--task", "ir"], "unknown task"),
    ],
)
def test_wrong_usage_ends_in_a_sentence(lkc_command, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    status, _, errors = lkc_command("export", *arguments)
    assert status == 2
    assert words in errors
    assert not list(tmp_path.iterdir())


def test_without_the_libraries_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxscript", None)
    with pytest.raises(InputError, match=r'onnxscript: pip install "lkc\[export\]"'):
        network_to_onnx(lkc.create_model())


@pytest.mark.slow
def test_the_command_writes_the_file(exported, lkc_command, tmp_path, monkeypatch):
    """The graph itself was made before: here it counts of which network one is asked for."""
    asked, graph = [], onnx.load(exported("fp32"))
    monkeypatch.setattr("lkc.export.network_to_onnx", lambda given: asked.append(given) or graph)
    status, said, _ = lkc_command("export", "--task", "mri-ct", "-o", tmp_path / "ct.onnx")
    assert status == 0
    assert "CT" in said
    written = onnx.load(tmp_path / "ct.onnx")
    assert written.graph.output[0].name == "fused"
    assert {"task": "mri-ct", "second": "CT"}.items() <= {
        entry.key: entry.value.partition(":")[0] for entry in written.metadata_props
    }.items()
    expected, found = (
        network.state_dict() for network in (lkc.load_model("lite", "mri-ct", device="cpu"), *asked)
    )
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
