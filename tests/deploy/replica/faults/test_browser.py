"""Faults as a real browser meets them."""

from pathlib import Path

import pytest

from tests.deploy.replica.faults.conftest import Controls, Running
from tests.deploy.replica.guest import API

PAGE = f"{API}/u/1743951792"
GATE = "https://visitor.passport.weibo.cn/visitor/visitor"
POSTS = ".weibo-main .weibo-text"


@pytest.mark.stack
async def test_a_browser_meets_faults(running: Running, controls: Controls, browser: Path) -> None:
    from playwright.async_api import Error, async_playwright

    replica, ports = running
    key = (Path(replica.ca_file).parent / "ca.spki").read_text().strip()
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(
            executable_path=browser,
            args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={key}"],
            proxy={"server": f"http://127.0.0.1:{ports.proxy}"},
        )
        context = await chromium.new_context()
        page = await context.new_page()

        await controls.add("captcha", match={"endpoint": "page", "after": 1, "times": 1})
        await page.goto(PAGE)
        await page.wait_for_selector(".geetest_holder .geetest_panel", state="attached", timeout=60_000)
        await page.goto(PAGE)
        await page.wait_for_selector(POSTS, timeout=60_000)
        await controls.clear()

        for kind, words in (("reset", "ERR_CONNECTION_RESET"), ("loop", "ERR_TOO_MANY_REDIRECTS")):
            await controls.add(kind, match={"endpoint": "page"})
            broken = await context.new_page()
            with pytest.raises(Error, match=words):
                await broken.goto(PAGE)
            await controls.clear()

        await controls.add("session-ends", requests=0, match={"times": 1})
        await page.goto(PAGE)
        await page.wait_for_selector(POSTS, timeout=60_000)
        assert page.url == PAGE
        applied = await controls.applied()
        assert applied["session-ends"] >= 1
        assert applied["loop"] > 10
        await controls.clear()

        await controls.add("session-ends", requests=0, permanent=True, match={"times": 1})
        await page.goto(PAGE)
        await page.wait_for_function("document.getElementById('message').textContent === 'params error'")
        assert page.url.startswith(GATE)
        another = await (await chromium.new_context()).new_page()
        await another.goto(PAGE)
        await another.wait_for_selector(POSTS, timeout=60_000)
        await chromium.close()
