"""The curve of an alert: what is drawn and what is left out, and pictures that any receiver can show."""

import io
import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from consumers.alerting.curve import (
    BAND,
    BOTTOM,
    EXPECTED,
    HEIGHT,
    LEFT,
    MOST_POINTS,
    OBSERVED,
    RIGHT,
    TOP,
    WIDTH,
    Area,
    Dot,
    Label,
    Path,
    age_label,
    curve,
    short,
)
from consumers.alerting.picture import SCALE, png, svg

HOUR = 3_600
SAMPLES = [(HOUR * n, 100.0 * n) for n in range(1, 11)]
EXPECTATIONS = [(HOUR * n, 5.0 * n, 10.0 * n, 20.0 * n) for n in (1, 3, 6, 12, 24)]


def labels(shapes):
    return [shape.text for shape in shapes if isinstance(shape, Label)]


def test_a_curve_beside_its_band():
    shapes = curve(SAMPLES, EXPECTATIONS)
    assert labels(shapes) == ["0", "200", "400", "600", "800", "1k", "0", "2h", "4h", "6h", "8h", "10h", "12h", "1,000"]
    (band,) = [shape for shape in shapes if isinstance(shape, Area)]
    assert len(band.points) == 2 * 4, "the one at 24 h is far beyond the newest sample"
    (observed,) = [shape for shape in shapes if isinstance(shape, Path) and shape.colour == OBSERVED]
    assert observed.points[-1] == pytest.approx((LEFT + (WIDTH - LEFT - RIGHT) * 10 / 12, TOP))
    (expected,) = [shape for shape in shapes if isinstance(shape, Path) and shape.dashed]
    assert expected.points[-1][1] == pytest.approx(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * 0.12)
    assert len([shape for shape in shapes if isinstance(shape, Dot)]) == 10


def test_there_may_be_only_one_of_both():
    assert curve([], []) == ()
    assert [shape.colour for shape in curve(SAMPLES, []) if isinstance(shape, Area)] == []
    assert [shape.colour for shape in curve([], EXPECTATIONS) if isinstance(shape, Area)] == [BAND]
    one = curve([(60, 0)], [(60, 0, 0, 0)])
    assert {shape.colour for shape in one if isinstance(shape, Dot)} == {OBSERVED, EXPECTED}


def test_order_does_not_matter_and_what_is_no_number_is_left_out():
    bad = [(HOUR, math.nan), (math.inf, 3.0), (-math.inf, 3.0), (HOUR, -1.0), (HOUR, 1e300)]
    assert curve([*reversed(SAMPLES), *bad], EXPECTATIONS[::-1]) == curve(SAMPLES, EXPECTATIONS)
    assert curve([(HOUR, 7.0), *SAMPLES], []) == curve(SAMPLES, []), "of two at one age the later one counts"


def test_a_series_ends_now_and_goes_back_from_there():
    day = [(-1_800.0 * back, 10.0) for back in range(47, -1, -1)]
    shapes = curve([*day[:-1], (0.0, 70.0)], [(age, 5.0, 10.0, 20.0) for age, _ in day])
    assert labels(shapes)[5:] == ["-21h", "-18h", "-15h", "-12h", "-9h", "-6h", "-3h", "0", "70"]
    (observed,) = [shape for shape in shapes if isinstance(shape, Path) and shape.colour == OBSERVED]
    assert (observed.points[0][0], observed.points[-1][0]) == pytest.approx((LEFT, WIDTH - RIGHT))
    now = curve([(0.0, 3.0)], [])
    assert [shape.at[0] for shape in now if isinstance(shape, Dot)] == [LEFT], "a post that was just published"


NUMBERS = st.floats(0, 1e15)
AGES = st.floats(-1e15, 1e15)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(AGES, NUMBERS), max_size=900),
    st.lists(st.tuples(AGES, NUMBERS, NUMBERS, NUMBERS), max_size=5),
)
def test_everything_lies_on_the_sheet_and_is_bounded(samples, band):
    shapes = curve(samples, band)
    assert bool(shapes) == bool(samples or band)
    points = []
    for shape in shapes:
        points += [shape.at] if isinstance(shape, Dot | Label) else shape.points
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert max((len(shape.points) for shape in shapes if isinstance(shape, Path)), default=0) <= MOST_POINTS
    assert len(shapes) < 200
    assert len(svg(shapes)) < 60_000


def test_the_svg_is_well_formed_and_has_no_words():
    root = ET.fromstring(svg(curve(SAMPLES, EXPECTATIONS)))  # noqa: S314 (our own)
    assert (root.get("width"), root.get("height")) == (str(WIDTH), str(HEIGHT))
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == labels(curve(SAMPLES, EXPECTATIONS))
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 10


def test_the_png_is_small_always_the_same_and_shows_what_was_drawn():
    shapes = curve(SAMPLES, EXPECTATIONS)
    data = png(shapes)
    assert data == png(curve(SAMPLES, EXPECTATIONS))
    assert len(data) < 60_000
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("PNG", (WIDTH * SCALE, HEIGHT * SCALE))
    pixels = image.convert("RGB")

    def seen(x, y):
        return pixels.getpixel((round(x * SCALE), round(y * SCALE)))

    last = next(shape.at for shape in reversed(shapes) if isinstance(shape, Dot))
    assert near(seen(*last), OBSERVED)
    # Half an hour before 12 h, between what was expected and the upper end of what is usual.
    x = LEFT + (WIDTH - LEFT - RIGHT) * 11.5 / 12
    assert near(seen(x, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * 0.17), BAND)
    assert near(seen(x, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * 0.5), "#ffffff")
    assert png(()), "an empty sheet is one as well"


def near(colour, wanted):
    """Whether a pixel has a colour, but for what the palette took."""
    parts = [int(wanted[place : place + 2], 16) for place in (1, 3, 5)]
    return all(abs(one - other) <= 16 for one, other in zip(colour, parts, strict=True))


def test_labels_are_short():
    assert [short(value) for value in (0, 250, 1_500, 2e6, 2.5e9, 1e15)] == ["0", "250", "1.5k", "2M", "2.5G", "1000T"]
    assert [age_label(age) for age in (0, 300, 7_200, 86_400, 10 * 86_400)] == ["0", "5m", "2h", "1d", "10d"]
