"""Training data and generated example pairs."""
