"""The study: which of the paper's claims hold when everything else is kept equal."""
