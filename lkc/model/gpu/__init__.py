"""The `lite` network in Triton kernels, for inference on an NVIDIA GPU.

Import nothing from here where Triton may be missing: `lkc.model.cuda_graph` asks first.
"""
