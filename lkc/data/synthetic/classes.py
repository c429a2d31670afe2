"""The label classes of a street scene."""

CLASSES = ("background", "road", "building", "vegetation", "sign", "car", "person")
"""Names of the labels: label i means `CLASSES[i]`; sky, pavements and poles are background."""

BACKGROUND, ROAD, BUILDING, VEGETATION, SIGN, CAR, PERSON = range(7)

CLASS_COLOURS = (
    (30, 30, 40),
    (128, 100, 128),
    (110, 110, 110),
    (60, 150, 60),
    (230, 200, 40),
    (60, 110, 220),
    (225, 60, 70),
)
"""RGB colours for showing the labels, one per class."""
