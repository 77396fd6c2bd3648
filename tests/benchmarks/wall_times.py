"""How long a crawl takes beside a plain loop of requests, where the site needs its time for every answer."""

from statistics import median
from typing import Any

from tests.benchmarks.findings import Finding
from tests.benchmarks.plain_loop import Loop, loop
from tests.benchmarks.stage import Run, Stage

TARGET = 1.0


def measure(stage: Stage, accounts: int, pages: int, in_flight: int, renders: int, rounds: int) -> Finding:
    """Crawl and loop in turns, with as many requests in flight; both from their first plain answer to their end.

    The crawl ends when the last event is acknowledged; the pages of its accounts are rendered meanwhile. The loop is
    spared all that: its session is given to it. On a busy machine both wait for a core, the one that works more waits
    more: how long stands beside the times, and the target is judged by the times.
    """
    uids = stage.busiest(accounts)
    arguments = {"accounts": ",".join(uids), "pages": str(pages), "comment_posts": "0"}
    loops: list[Loop] = []
    runs: list[Run] = []
    for _ in range(rounds):
        loops.append(loop(stage, uids, pages, in_flight, stage.folder / "plain.jsonl"))
        runs.append(stage.crawl(arguments, in_flight, renders))
    wrong = [problem for run in runs for problem in run.wrong]
    for run, plain in zip(runs, loops, strict=True):
        seen = {row.split(":")[1] for row in run.rows if row.startswith("post:")}
        if seen != plain.posts:
            wrong.append(f"the crawl has {len(seen)} posts, the loop {len(plain.posts)}")
    ours, theirs = median(run.times.seconds for run in runs), median(plain.seconds for plain in loops)
    whole = median(run.times.ended.seconds - run.times.began.seconds for run in runs)
    ratio = ours / theirs
    figures: dict[str, Any] = {
        "accounts": accounts,
        "pages": pages,
        "in_flight": in_flight,
        "rows": len(runs[0].rows),
        "crawl_seconds": [round(run.times.seconds, 2) for run in runs],
        "loop_seconds": [round(plain.seconds, 2) for plain in loops],
        "crawl_cpu_seconds": [round(run.times.cpu, 2) for run in runs],
        "loop_cpu_seconds": [round(plain.cpu, 2) for plain in loops],
        "crawl_waited_seconds": [round(run.times.ended.waited - run.times.plain.waited, 2) for run in runs],
        "loop_waited_seconds": [round(plain.waited, 2) for plain in loops],
        "ratio": round(ratio, 3),
        "with_the_browsers_start_seconds": round(whole, 2),
    }
    crawled = _row(runs[0].times.answers, ours, *(figures[f"crawl_{name}_seconds"] for name in ("waited", "cpu")))
    looped = _row(loops[0].answers, theirs, *(figures[f"loop_{name}_seconds"] for name in ("waited", "cpu")))
    return Finding(
        "wall",
        f"{accounts} accounts of {pages} pages, {in_flight} in flight, median of {rounds}",
        ("", "plain answers", "seconds", "of them waiting for a core", "CPU s", "seconds with the browser's start"),
        [("the crawl", *crawled, f"{whole:.2f}"), ("a plain loop", *looped, "")],
        figures,
        f"{ours:.1f} s where a plain loop takes {theirs:.1f}",
        f"{ratio:.2f} × the plain loop's time instead of {TARGET}" if ratio > TARGET else "",
        wrong,
    )


def _row(answers: int, seconds: float, waits: list[float], cpu: list[float]) -> tuple[str, ...]:
    return (f"{answers + 1:,}", f"{seconds:.2f}", f"{median(waits):.2f}", f"{median(cpu):.2f}")
