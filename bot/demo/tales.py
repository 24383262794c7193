"""The stories that the demo can play, in the order in which the page offers them."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.demo.photo_story import PHOTOS
from bot.demo.plot import Tale
from bot.demo.quarter_story import QUARTER
from bot.demo.story import FULL

TALES: Mapping[str, Tale] = MappingProxyType({tale.key: tale for tale in (FULL, QUARTER, PHOTOS)})
