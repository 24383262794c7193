"""「照片三则」: a picture says where, a used picture is noticed, and a copy leaves only blurred or looked at."""

from bot.demo import city
from bot.demo.plot import Plot, Step, Tale, Unexpected
from domain.case import State
from domain.messages import Photo
from media.extras import can_read_watermarks
from media.header import PhotoRefused

_SHOPKEEPER, _OFFICE = "liufang", "wujing"


async def _by_picture(plot: Plot) -> None:
    """A picture without a word where watermarks are read; else one sentence without a place, and the picture's own."""
    await plot.say(_SHOPKEEPER, _SHOPKEEPER, "" if can_read_watermarks() else "水果摊占道经营", photo="stall-marked")
    if can_read_watermarks():
        await plot.wait(minutes=2)
        asked = plot.heard(_SHOPKEEPER, "对照片的询问")
        if "水印" in asked.text:
            await plot.say(_SHOPKEEPER, _SHOPKEEPER, "1")
        else:  # without a Chinese font there was nothing to read
            await plot.say(_SHOPKEEPER, _SHOPKEEPER, "水果摊占道经营")
    plot.first = (await plot.reported(_SHOPKEEPER)).id
    case = await plot.in_state(plot.first, State.ASSIGNED)
    plot.heard(case.handler, f"发给{plot.name(case.handler)}的交办消息")


async def _reused(plot: Plot) -> None:
    await plot.wait(minutes=12)
    handler = (await plot.case(plot.first)).handler
    await plot.say(handler, handler, "收到")
    await plot.say(handler, handler, photo="stall")
    await plot.in_state(plot.first, State.ACKNOWLEDGED)
    plot.heard(handler, "对照片的核对")


async def _real(plot: Plot) -> None:
    await plot.wait(minutes=9)
    handler = (await plot.case(plot.first)).handler
    await plot.say(handler, handler, photo="stall-after")
    await plot.in_state(plot.first, State.RESOLVED)


async def _blurred(plot: Plot) -> None:
    case = await plot.case(plot.first)
    first = Photo(case.photos[0].sha256, case.photos[0].ext, 0)
    await plot.say(_OFFICE, _OFFICE, f"不外发 {case.short} 第1张")
    try:
        await plot.stage.copies.thumbnail(first, 320)
    except PhotoRefused:
        await plot.say(_OFFICE, _OFFICE, f"打码 {case.short} 第1张")
        await plot.say(_OFFICE, _OFFICE, f"放行 {case.short} 第1张")
        await plot.stage.copies.thumbnail(first, 320)
        return
    raise Unexpected("不外发的照片仍可外发。")


_STEPS = (
    Step("照片说出地点", "商户发一张带水印和定位的照片，没写地点；读出来，问一句，交办。", _by_picture),
    Step("旧照片", "轮值把整改前的那张换个水印再发，机器人认出来，请他核对。", _reused),
    Step("真照片", "重新拍的一张照收，转复核。", _real),
    Step("打码副本", "市路长办先不外发，再打码放行；在案件里点“外发副本”看。", _blurred),
)

PHOTOS = Tale("photos", "照片三则", city.START, ("findings.csv",), _STEPS, ("看打码和放行", "wujing"))
