"""A loopback WeCom: its endpoints, limits and delivery rules, and a hand that writes to the bot and to the app."""

from bot.fakes.wecom.driver import Driver, Pushed, Quoted
from bot.fakes.wecom.gateway import Gateway
from bot.fakes.wecom.live_driver import LiveDriver
from bot.fakes.wecom.render import Shown, shown
from bot.fakes.wecom.server import SAMPLE_APP, SAMPLE_BOT, FakeWecom
from bot.fakes.wecom.state import Delivery, State

__all__ = [
    "SAMPLE_APP",
    "SAMPLE_BOT",
    "Delivery",
    "Driver",
    "FakeWecom",
    "Gateway",
    "LiveDriver",
    "Pushed",
    "Quoted",
    "Shown",
    "State",
    "shown",
]
