"""How a network is trained: losses, recipes, crops, the loop and its curves."""
