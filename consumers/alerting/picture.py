"""A curve as a picture: SVG for pages, PNG for chats and mail. Always the same bytes for the same shapes."""

import io
import math
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

from consumers.alerting.curve import HEIGHT, WIDTH, Area, Dot, Label, Path, Point, Shape

#: Pixels of the PNG for one of the sheet, and how many are drawn for one of these before they are averaged.
SCALE, FINE = 2, 2
DASH, SPACE = 6.0, 4.0
PAPER = "#ffffff"


def svg(shapes: Sequence[Shape]) -> str:
    """The shapes as an SVG of the sheet's size, with the reader's own sans-serif font."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        *map(_element, shapes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _element(shape: Shape) -> str:
    if isinstance(shape, Area):
        return f'<polygon points="{_pairs(shape.points)}" fill="{shape.colour}"/>'
    if isinstance(shape, Path):
        dashes = f' stroke-dasharray="{DASH:g} {SPACE:g}"' if shape.dashed else ""
        return (
            f'<polyline points="{_pairs(shape.points)}" fill="none" stroke="{shape.colour}" '
            f'stroke-width="{shape.width:g}" stroke-linejoin="round"{dashes}/>'
        )
    if isinstance(shape, Dot):
        x, y = shape.at
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{shape.radius:g}" fill="{shape.colour}"/>'
    x, y = shape.at
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" dy="0.35em" text-anchor="{shape.anchor}" font-size="{shape.size}" '
        f'fill="{shape.colour}">{escape(shape.text)}</text>'
    )


def _pairs(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def png(shapes: Sequence[Shape]) -> bytes:
    """The shapes as a PNG of twice the sheet's size, some tens of kilobytes."""
    times = SCALE * FINE
    image = Image.new("RGB", (WIDTH * times, HEIGHT * times), PAPER)
    draw = ImageDraw.Draw(image)
    for shape in shapes:
        if isinstance(shape, Area):
            draw.polygon(_scaled(shape.points, times), fill=shape.colour)
        elif isinstance(shape, Path):
            for part in _dashes(shape.points) if shape.dashed else [shape.points]:
                draw.line(_scaled(part, times), fill=shape.colour, width=round(shape.width * times), joint="curve")
        elif isinstance(shape, Dot):
            x, y = shape.at
            draw.circle((x * times, y * times), shape.radius * times, fill=shape.colour)
        else:
            _write(draw, shape, times)
    small = image.resize((WIDTH * SCALE, HEIGHT * SCALE), Image.Resampling.BOX)
    # Few colours: a palette makes it a third as large.
    out = io.BytesIO()
    small.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _write(draw: ImageDraw.ImageDraw, label: Label, times: int) -> None:
    anchor = {"start": "lm", "middle": "mm", "end": "rm"}[label.anchor]
    x, y = label.at
    draw.text((x * times, y * times), label.text, fill=label.colour, font=_font(label.size * times), anchor=anchor)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _scaled(points: Sequence[Point], times: int) -> list[Point]:
    return [(x * times, y * times) for x, y in points]


def _dashes(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """The pieces of a dashed line through points."""
    done = 0.0
    for (x0, y0), (x1, y1) in pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        place = 0.0
        while place < length:
            within = (done + place) % (DASH + SPACE)
            step = min((DASH - within if within < DASH else DASH + SPACE - within) + 1e-6, length - place)
            if within < DASH:
                start, end = place / length, (place + step) / length
                yield (
                    (x0 + (x1 - x0) * start, y0 + (y1 - y0) * start),
                    (x0 + (x1 - x0) * end, y0 + (y1 - y0) * end),
                )
            place += step
        done += length
