"""The picture of a message: any curve makes one that every receiver can show, without a word of strangers in it."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from PIL import Image

from consumers.delivery.drawing import described, drawn
from tests.consumers.delivery.examples import CURVE, HOSTILE, MESSAGE, messages

MOST_BYTES = 100_000


def test_a_picture_is_a_small_png_that_shows_the_curve_alone():
    picture = drawn(replace(MESSAGE, curve=CURVE))
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.size) == ("PNG", (1280, 720))
    assert len(picture) < MOST_BYTES
    assert drawn(replace(MESSAGE, curve=CURVE, title=HOSTILE, text=HOSTILE)) == picture
    assert drawn(replace(MESSAGE, curve=CURVE[:-1])) != picture


@given(messages)
@settings(max_examples=5)
def test_whatever_the_figures_are_there_is_a_picture_or_a_reason(message):
    try:
        assert len(drawn(message)) < MOST_BYTES
    except ValueError as error:
        assert "no point" in str(error)


def test_nothing_makes_no_picture():
    with pytest.raises(ValueError, match="no point of the curve"):
        drawn(MESSAGE)


def test_who_can_t_see_it_is_told_what_it_shows_in_one_line():
    assert described(MESSAGE) == "数值随时间的变化与通常范围: 以色列驻华使馆: 转发是往常的 14 倍"
    assert "\n" not in described(replace(MESSAGE, title=HOSTILE, language="en"))
