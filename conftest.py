"""What pytest must not import: kernels for GPUs, where Triton is not installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("triton") else ["lkc/model/gpu/*.py"]
