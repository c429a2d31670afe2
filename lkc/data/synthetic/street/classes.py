"""The label classes of a street scene."""

CLASSES = ("background", "road", "building", "vegetation", "sign", "car", "person")
"""Names of the labels: label i means `CLASSES[i]`; sky, pavements and poles are background."""

BACKGROUND, ROAD, BUILDING, VEGETATION, SIGN, CAR, PERSON = range(7)

CLASS_COLOURS = (
    (30, 30, 40),
    (128, 100, 128),
    (110, 110, 110),
    (0, 158, 115),
    (240, 228, 66),
    (0, 114, 178),
    (213, 94, 0),
)
"""RGB colours for showing the labels, one per class; objects in those of Okabe and Ito, which
colour-blind readers tell apart."""
