"""Streets seen by an infrared and a visible camera, drawn from a seed."""
