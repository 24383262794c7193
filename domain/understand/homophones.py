"""Names by their sound, for typing slips of a pinyin keyboard (新健路 → 新建路). Only asked when no name was found."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from operator import eq

_LONGEST, _SHORTEST = 8, 3


@lru_cache(maxsize=16384)
def sound(char: str) -> str:
    """Return the toneless sound of a character, with 平翘舌 and 前后鼻音 folded together; "" for other signs."""
    from pypinyin import Style, pinyin  # imported on the first miss: it takes a tenth of a second

    if not "\u4e00" <= char <= "\u9fff":
        return ""
    plain = pinyin(char, style=Style.NORMAL)[0][0]
    for spoken, folded in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        plain = folded + plain[2:] if plain.startswith(spoken) else plain
    return plain[:-1] if plain.endswith(("ang", "eng", "ing")) else plain


def sounds(text: str) -> tuple[str, ...]:
    """Return the sound of every character."""
    return tuple(sound(char) for char in text)


class Homophones:
    """An index of names by sound."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for name in names:
            if _SHORTEST <= len(name) <= _LONGEST:
                self._names[sounds(name)].add(name)

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Return (start, end, name) where `text` sounds like exactly one name, longest first, without overlaps."""
        heard = sounds(text)
        found: list[tuple[int, int, str]] = []
        for size in range(_LONGEST, _SHORTEST - 1, -1):
            for start in range(len(text) - size + 1):
                names = self._names.get(heard[start : start + size])
                is_free = all(start + size <= s or e <= start for s, e, _ in found)
                if names is None or len(names) > 1 or not is_free or not all(heard[start : start + size]):
                    continue
                name = next(iter(names))
                if any(map(eq, name, text[start : start + size])):  # a slip leaves some of a name as it is
                    found.append((start, start + size, name))
        return found
