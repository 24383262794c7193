"""The demo as people use it: the page in headless Chromium, at desktop and at phone width."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PROJECT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = (1440, 900), (390, 844)
STORY_TIME = 180_000  # ms: the whole story takes less than three minutes
SOUTH_GROUP = "新华路街道路长群"


def lacking(what: str) -> None:
    """Skip in sight of everybody; where tests decide about a release, fail."""
    if os.environ.get("CI"):
        pytest.fail(f"needs {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [sys.executable, "-m", "bot.demo", "--port", "0", "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    folder = tmp_path_factory.mktemp("demo")
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        first = demo.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert found is not None, first
        yield found.group()
        demo.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright")
    if not CHROMIUM.exists():
        lacking(f"Chromium at {CHROMIUM} (make browser)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@dataclass
class Seen:
    """What a page did behind the scenes."""

    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def console(self, message: "ConsoleMessage") -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def request(self, request: "Request") -> None:
        if not request.url.startswith("blob:"):
            self.hosts.add(urlsplit(request.url).netloc)


@pytest.fixture
def opened(address: str, browser: "Browser", request: pytest.FixtureRequest) -> Iterator["Page"]:
    """A fresh page on a fresh stage; in the end nothing went wrong and nothing left the machine."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce")
    page, seen = context.new_page(), Seen()
    page.on("console", seen.console)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", seen.request)
    page.goto(address)
    page.locator("body[data-ready]").wait_for()
    page.request.post(f"{address}/api/platform", data={"platform": "wecom"})
    page.request.post(f"{address}/api/reset")
    page.locator("#time", has_text="08:40").wait_for()
    yield page
    assert seen.errors == []
    assert seen.hosts == {urlsplit(address).netloc}
    context.close()


def column(page: "Page", title: str) -> "Locator":
    return page.locator(".column", has=page.locator(f"header h2:text-is('{title}')"))


def bubble(chat: "Locator", words: str) -> "Locator":
    return chat.locator(".row", has_text=words).last


def has_no_sideways_scroll(page: "Page") -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    "opened", [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone")], indirect=True
)
def test_the_full_story(opened: "Page") -> None:
    page = opened
    is_phone = page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}
    assert page.get_by_text("模拟环境").first.is_visible()
    if is_phone:
        page.locator("#bottom [data-view=story]").click()
    page.locator("#pane-story").get_by_role("radio", name="快速").click()
    page.locator("#pane-story").get_by_role("button", name="开始演示").click()
    if is_phone:
        page.locator("#bottom [data-view=chat]").click()
        page.locator("#narration", has_text="商户上报").wait_for()
    page.locator("#pane-story .note").wait_for(state="attached", timeout=STORY_TIME)
    assert page.locator("#pane-story .note").get_attribute("data-status") == "done", page.locator(
        "#pane-story"
    ).inner_text()
    assert page.locator("#pane-story .steps .done").count() == page.locator("#pane-story .steps li").count() == 12

    leaders = column(page, "城市管理领导群")
    announcement = bubble(leaders, "考评结果通报如下")
    assert announcement.is_visible()
    assert announcement.locator(".red").count() >= 3
    assert announcement.locator(".black").count() >= 3
    assert has_no_sideways_scroll(page)

    if is_phone:
        page.locator("#bottom [data-view=cases]").click()
    else:
        page.get_by_role("tab", name="案件").click()
    cards = page.locator(".case-card")
    assert cards.evaluate_all("all => all.map(one => one.dataset.state)") == ["closed", "closed"]
    cards.first.locator("button").first.click()
    timeline = cards.first.locator(".timeline")
    timeline.wait_for()
    told = timeline.inner_text()
    assert [word for word in ("上报交办", "逐级上报", "催办", "报处理完毕", "复核通过") if word not in told] == []
    assert cards.first.locator(".pairs img").count() == 2
    assert has_no_sideways_scroll(page)

    if is_phone:
        page.locator("#bottom [data-view=trace]").click()
    else:
        page.get_by_role("tab", name="轨迹").click()
    assert page.locator("#pane-trace .rule", has_text="月通报").first.is_visible()


@pytest.mark.parametrize("opened", [pytest.param(DESKTOP, id="desktop")], indirect=True)
def test_a_case_by_hand(opened: "Page") -> None:
    page = opened
    group, handler = column(page, SOUTH_GROUP), column(page, "赵强")

    # a bare photo is greyed by WeCom's rules, with its reason
    group.locator(".pic").click()
    page.locator(".gallery button", has_text="占道水果摊").click()
    page.get_by_role("button", name="选好了").click()
    reason = group.locator(".composer .refused")
    assert "企业微信群内单独发的图片机器人收不到" in reason.inner_text()
    assert group.locator(".composer.grey").is_visible()
    assert group.locator(".send").inner_text() == "仅发到群里"

    # with words it goes through
    group.get_by_role("textbox").fill("人民路百货大楼门口，水果摊占道经营")
    assert reason.is_hidden()
    group.locator(".send").click()
    receipt = bubble(group, "【2026-0001】已交办")
    receipt.wait_for()
    work = bubble(handler, "处理后直接发照片即可")
    work.wait_for()
    handler.locator(".row .photos img").wait_for()  # the picture comes in a post of its own
    assert handler.locator(".row .photos img").count() == 1

    # the duty person taps a digit, then sends a photo
    work.get_by_role("button", name="收到").click()
    bubble(handler, "2026-0001已认领").wait_for()
    handler.locator(".card .title", has_text="处置中·赵强").wait_for()
    assert handler.locator(".card .buttons button").all_inner_texts() == ["已处理", "非我路段", "申请延期"]
    handler.locator(".pic").click()
    page.locator(".gallery button", has_text="摊位已清").click()
    page.get_by_role("button", name="选好了").click()
    handler.locator(".send").click()
    bubble(handler, "已登记2026-0001整改照片1张").wait_for()

    # a quote answers the very message
    verifier = column(page, "钱宁")
    ask = bubble(verifier, "待复核")
    ask.locator(".bubble").click(position={"x": 4, "y": 4})
    ask.get_by_role("button", name="引用").click()
    verifier.get_by_role("textbox").fill("通过")
    verifier.locator(".send").click()
    page.get_by_role("tab", name="案件").click()
    page.locator(".case-card[data-state=closed]").wait_for()

    # the thumbnail opens in full size
    receipt.page.locator(".photos button").first.click()
    assert page.locator("#lightbox img").is_visible()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("opened", [pytest.param(PHONE, id="phone")], indirect=True)
def test_the_platform_decides_what_arrives(opened: "Page") -> None:
    page = opened
    group = column(page, SOUTH_GROUP)
    kinds = group.locator(".kinds")
    assert kinds.locator("[data-kind=photo]").get_attribute("class") == "no"
    kinds.locator("[data-kind=voice]").click()
    assert "企业微信群内的语音机器人收不到" in page.locator("#toast").inner_text()

    page.get_by_role("radio", name="钉钉").click()
    kinds.locator("[data-kind=photo]:not(.no)").wait_for()
    kinds.locator("[data-kind=file]").click()
    assert "钉钉群里的文件机器人收不到" in page.locator("#toast").inner_text()

    # without @ the bot hears nothing, on either platform
    group.get_by_role("button", name="@路长助手").click()
    group.get_by_role("textbox").fill("步行街牌坊下单车乱停")
    assert "钉钉群里只有@机器人的消息才能收到" in group.locator(".refused").inner_text()
    group.locator(".send").click()
    said = bubble(group, "步行街牌坊下单车乱停")
    said.wait_for()
    assert "withheld" in (said.get_attribute("class") or "")
    assert "机器人收不到" in said.inner_text()
    assert group.locator(".row[data-sender=bot]").count() == 0

    # another chat by the switcher, another speaker by the sheet
    page.locator("#switcher").get_by_role("button", name="赵强").click()
    assert column(page, "赵强").is_visible()
    assert group.is_hidden()
    page.locator("#switcher").get_by_role("button", name=SOUTH_GROUP).click()
    group.locator(".persona").click()
    page.get_by_placeholder("姓名、职务、单位或路名").fill("郭晓敏")
    page.locator("#sheet .item").first.click()
    assert "郭晓敏" in group.locator(".persona").inner_text()
    assert has_no_sideways_scroll(page)


@pytest.mark.parametrize("opened", [pytest.param(DESKTOP, id="desktop")], indirect=True)
def test_the_clock_moves_while_people_talk(opened: "Page") -> None:
    page = opened
    page.locator("#jumps").get_by_role("button", name="到月末").click()
    page.locator("#clock[data-moving=true]").wait_for()
    group = column(page, SOUTH_GROUP)
    group.get_by_role("textbox").fill("帮助")
    group.locator(".send").click()
    bubble(group, "帮助").wait_for(timeout=5_000)
    page.locator("#clock[data-moving=false]").wait_for(timeout=60_000)
    assert page.locator("#date").inner_text() == "2026年7月1日 周三"
    page.locator("#list").get_by_role("button", name="市路长办工作群").click()
    assert bubble(column(page, "市路长办工作群"), "6月份考评草稿").is_visible()
