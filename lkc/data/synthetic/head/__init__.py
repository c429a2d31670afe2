"""Heads as MRI, CT, PET and SPECT show them, drawn from a seed."""
