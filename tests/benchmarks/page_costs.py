"""What a timeline page costs by plain requests, by a render of its own, and by scrolling a rendered page on."""

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.findings import Finding
from tests.benchmarks.renders import RenderEach, ScrollOn, scrapy_settings
from tests.benchmarks.stage import Run, Stage

TARGET = 20
WAYS: Mapping[str, Mapping[str, str]] = {
    "plain requests": {},
    "a render each": scrapy_settings(RenderEach),
    "one page, scrolled": scrapy_settings(ScrollOn),
}


def measure(stage: Stage, pages: int, browser_pages: int, in_flight: int) -> Finding:
    """Read an account in the three ways. Whatever the way, the same spider asks, reads and publishes.

    The ways by the browser may read fewer pages; what they publish must be among what the plain crawl published.
    """
    (uid,) = stage.busiest(1)
    runs: dict[str, Run] = {}
    counts = dict(zip(WAYS, (pages, browser_pages, browser_pages), strict=True))
    for way, settings in WAYS.items():
        arguments = {"accounts": uid, "pages": str(counts[way]), "comment_posts": "0"}
        runs[way] = stage.crawl(arguments, in_flight, scrapy_settings=settings)
    plain = runs["plain requests"]
    wrong = [f"{way}: {'; '.join(run.wrong)}" for way, run in runs.items() if run.wrong]
    wrong += [f"{way}: other rows than by plain requests" for way, run in runs.items() if not run.rows <= plain.rows]
    figures = {way: _figures(run, counts[way]) for way, run in runs.items()}
    whole, further = (
        figures["plain requests"][name] / max(figures["a render each"][name], 1e-9)
        for name in ("pages_per_cpu_second", "further_pages_per_cpu_second")
    )
    says = (
        f"{figures['plain requests']['pages_per_cpu_second']:.1f} pages per CPU s, the browser's start included: "
        f"{whole:.0f} × a render each ({further:.0f} × for further pages)"
    )
    missed = f"{whole:.1f} × a render each instead of {TARGET}" if whole < TARGET else ""
    return Finding(
        "pages",
        f"An account's timeline, {in_flight} in flight",
        ("", "pages", "rows", "CPU s", "of it from the 2nd page on", "pages/CPU s", "further pages/CPU s", "seconds"),
        [_row(way, figures[way]) for way in WAYS],
        {"ways": figures, "ratio": round(whole, 1), "ratio_of_further_pages": round(further, 1)},
        says,
        missed,
        wrong,
    )


def _figures(run: Run, pages: int) -> dict[str, Any]:
    """The whole crawl, and what comes after its first plain answer: the rendered page and that answer are before."""
    times = run.times
    whole = times.ended.cpu - times.began.cpu
    return {
        "pages": pages,
        "rows": len(run.rows),
        "cpu_seconds": round(whole, 2),
        "further_cpu_seconds": round(times.cpu, 2),
        "pages_per_cpu_second": round(pages / max(whole, 1e-9), 2),
        "further_pages_per_cpu_second": round((pages - 2) / max(times.cpu, 1e-9), 2),
        "seconds": round(times.ended.seconds - times.began.seconds, 1),
    }


def _row(way: str, figures: dict[str, Any]) -> tuple[str, ...]:
    return (way, *(f"{figure:,}" for figure in figures.values()))
