"""Networks that are shared as on the Hugging Face Hub: a folder with weights, config and card."""

from typing import Any, Self

from lkc.errors import InputError
from lkc.extras import need
from lkc.fusion.module import Fusion
from lkc.model.network import create_model

need("huggingface_hub", "sharing a network on the Hub", extra="hub")
from huggingface_hub import PyTorchModelHubMixin  # noqa: E402 - the sentence comes first


class HubFusion(
    Fusion,
    PyTorchModelHubMixin,
    library_name="lkc",
    tags=["image-fusion"],
    pipeline_tag="image-to-image",
):
    """A `Fusion` with `save_pretrained`, `from_pretrained` and `push_to_hub`.

    Args:
        task, detail, colour: as in `Fusion`.
        network: arguments of `lkc.create_model`; None takes the shipped `lite` weights of the task.

    Raises:
        InputError: as `Fusion`, or huggingface_hub is not installed.

    Example:
        >>> fusion = HubFusion.of(Fusion("ir-vis"))
        >>> fusion.save_pretrained("my-fusion")  # doctest: +SKIP
        >>> HubFusion.from_pretrained("my-fusion")  # doctest: +SKIP
    """

    def __init__(
        self,
        task: str = "ir-vis",
        network: dict[str, Any] | None = None,
        detail: float = 1.0,
        colour: str = "keep",
    ) -> None:
        super().__init__(task, create_model(**network) if network else None, detail, colour)

    @classmethod
    def of(cls, fusion: Fusion) -> Self:
        """Make what can be shared of a module; the weights are copied."""
        config = fusion.network.config.to_dict()
        shared = cls(fusion.task.name, config, fusion.detail, fusion.colour)
        shared.load_state_dict(fusion.state_dict())
        return shared

    @classmethod
    def _from_pretrained(cls, **options: Any) -> Self:
        """Load weights strictly: the mixin would leave what does not fit untrained, in silence."""
        try:
            return super()._from_pretrained(**{**options, "strict": True})
        except RuntimeError:
            name = options["model_id"]
            raise InputError(f"the weights in {name} do not fit its config.json.") from None
