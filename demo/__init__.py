"""The web page: drop a registered pair, see it fused."""
