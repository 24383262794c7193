"""A loopback DingTalk: its endpoints, limits and delivery rules, and a hand that writes to the bot."""

from bot.fakes.dingtalk.driver import Driver, Person
from bot.fakes.dingtalk.gateway import Gateway, Timing
from bot.fakes.dingtalk.server import FakeDingtalk
from bot.fakes.dingtalk.state import Delivery, FakeGroupRobot, FakeRobot

__all__ = ["Delivery", "Driver", "FakeDingtalk", "FakeGroupRobot", "FakeRobot", "Gateway", "Person", "Timing"]
