"""Instruments that look into a fusion network: features, sparsity, receptive fields, attribution.

They compute and return numbers or tensors; drawing is the work of `lkc.viz`.
"""
