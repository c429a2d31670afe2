"""What pytest must not import, and the same random numbers for every test and docstring."""

import sys
from importlib.util import find_spec

import pytest

# Gradio and Jupyter import jsonschema, which would build a grammar of addresses for three seconds.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# Kernels for GPUs cannot be imported where Triton is not installed.
collect_ignore_glob = [] if find_spec("triton") else ["lkc/model/gpu/*.py"]


@pytest.fixture(autouse=True)
def same_random_numbers():
    """Seed torch and numpy, so that what passes once passes always."""
    import numpy as np
    import torch  # not before tests/conftest.py has said how many threads it may take

    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002, libraries under test draw from the global state
