"""Released checkpoints: the table covers every name in both directions, and outputs are theirs."""

import numpy as np
import pytest
import torch

from lkc import create_model, load_model
from lkc.errors import InputError
from lkc.model.released_names import LAYERS, RELEASED_LAYERS, from_released, to_released
from tests.fixtures.reference_state_dict import PARITY, reference_state_dict, released_shapes


def released_zeros() -> dict[str, torch.Tensor]:
    """Every name of the release with a tensor of its shape, without memory of its own."""
    return {name: torch.zeros(()).expand(shape) for name, shape in released_shapes().items()}


def test_the_table_covers_the_release_and_our_network():
    with torch.device("meta"):
        own = create_model("base", "released").state_dict()
    renamed = from_released(released_zeros())
    assert len(renamed) == 276
    assert {n: v.shape for n, v in renamed.items()} == {n: v.shape for n, v in own.items()}
    layers = {name.rpartition(".")[0] for name in released_shapes()}
    unused = {f"model.downs.{i}.res_block.res_conv" for i in (0, 3, 6)}  # 128 to 128 channels
    assert LAYERS.keys() - layers == unused
    assert len(RELEASED_LAYERS) == len(LAYERS)


def test_every_name_comes_back():
    released = released_zeros()
    back = to_released(from_released(released))
    assert list(back) == list(released)
    assert all(back[name].shape == value.shape for name, value in released.items())


def test_names_that_the_table_lacks_stay():
    state = {"weight": torch.zeros(1), "model.downs.8.conv.weight": torch.ones(1)}
    assert from_released(state) == state


def test_the_first_convolution_exchanges_its_input_channels():
    released = {"model.init_conv.weight": torch.rand(32, 2, 3, 3)}
    (ours,) = from_released(released).values()
    assert torch.equal(ours, released["model.init_conv.weight"].flip(1))
    (back,) = to_released({"model.first_conv.weight": ours}).values()
    assert torch.equal(back, ours.flip(1))


@pytest.fixture(scope="module")
def state():
    return reference_state_dict()


def test_a_file_that_was_saved_on_several_gpus_gives_the_same_network(state, tmp_path):
    plain, prefixed = tmp_path / "plain.pth", tmp_path / "prefixed.pth"
    torch.save(state, plain)
    torch.save({f"module.{name}": v for name, v in state.items()}, prefixed)
    one, other = (
        load_model("base", weights=f, device="cpu").state_dict() for f in (plain, prefixed)
    )
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.slow
def test_a_released_file_gives_the_outputs_of_the_release(state, tmp_path):
    torch.save(state, tmp_path / "released.pth")
    model = load_model("base", weights=tmp_path / "released.pth", device="cpu")
    with np.load(PARITY / "outputs.npz") as outputs:
        for case in ("0", "1"):
            sources = torch.from_numpy(outputs["x" + case]).flip(1)  # the release: second, first
            with torch.inference_mode():
                fused = model(sources).numpy()
            # Processors round floats otherwise, by up to 1.3e-4 here; doubles agree on all.
            np.testing.assert_allclose(fused, outputs["y" + case], rtol=0, atol=4e-4)
        with torch.inference_mode():  # of the last only, since doubles take eight times as long
            exact = model.double()(sources.double()).numpy()
        np.testing.assert_allclose(exact, outputs["y" + case], rtol=0, atol=1e-4)
    back = to_released(model.float().state_dict())
    assert all(torch.equal(back[name], value) for name, value in state.items())


def test_a_file_that_lacks_a_name_is_refused(tmp_path):
    state = released_zeros()
    del state["model.ups.13.res_block.res_conv.bias"]
    torch.save(state, tmp_path / "a.pth")
    with pytest.raises(InputError, match="another network: 1 names or shapes differ"):
        load_model("base", weights=tmp_path / "a.pth", device="cpu")
