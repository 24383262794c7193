"""Fonts for pictures: one with Chinese characters that is installed here; none is shipped.

Without any, words are written in pinyin with what Pillow brings, so that a picture is still one; whoever sends pictures
to people asks `chinese` first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "C:/Windows/Fonts")
INSTALL = "apt install fonts-wqy-microhei"
# file names in order of preference, each with the face of simplified Chinese inside a collection
_WISHED = (
    ("NotoSansCJK-Regular", 2),
    ("NotoSansSC", 0),
    ("SourceHanSansSC-Regular", 0),
    ("SourceHanSansCN-Regular", 0),
    ("msyh", 0),
    ("wqy-microhei", 0),
    ("wqy-zenhei", 0),
    ("simhei", 0),
    ("simsun", 0),
    ("NotoSerifCJK-Regular", 2),
    ("simfang", 0),
)
_BOLD = {
    "NotoSansCJK-Regular": "NotoSansCJK-Bold",
    "SourceHanSansSC-Regular": "SourceHanSansSC-Bold",
    "SourceHanSansCN-Regular": "SourceHanSansCN-Bold",
    "msyh": "msyhbd",
    "NotoSerifCJK-Regular": "NotoSerifCJK-Bold",
}
_ENDINGS = frozenset({".ttf", ".ttc", ".otf"})
# fonts of official letters: what their files are called, and what stands in for them
_OFFICIAL = (
    ("方正小标宋简体", ("fzxbs", "方正小标宋"), "宋体"),
    ("仿宋_GB2312", ("simfang", "fangsong", "仿宋"), "仿宋"),
    ("楷体_GB2312", ("simkai", "kaiti", "楷体"), "楷体"),
)
_PROBE = "路"
_CHINESE = re.compile("[\u3400-\u9fff]")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Face:
    """A font file and which of its faces to use."""

    path: Path
    index: int
    is_wished: bool  # the first of the list; any other stands in for it


@cache
def chinese(folders: Sequence[str] = FOLDERS) -> Face | None:
    """Return the best installed font with Chinese characters, None when there is none."""
    installed = _installed(folders)
    for place, (name, index) in enumerate(_WISHED):
        found = next((installed[file] for file in installed if file.lower().startswith(name.lower())), None)
        if found is not None and _has_glyphs(found, index):
            return Face(found, index, place == 0)
    return None


def missing_official(folders: Sequence[str] = FOLDERS) -> list[tuple[str, str]]:
    """Return the fonts of letters that are not installed here, each with its substitute."""
    files = [stem.lower() for stem in _installed(folders)]
    return [(name, other) for name, marks, other in _OFFICIAL if not any(m in f for m in marks for f in files)]


def _installed(folders: Sequence[str]) -> dict[str, Path]:
    roots = [Path(folder).expanduser() for folder in folders]
    files = sorted(p for root in roots if root.is_dir() for p in root.rglob("*") if p.suffix.lower() in _ENDINGS)
    return {path.stem: path for path in files}


def _has_glyphs(path: Path, index: int) -> bool:
    try:
        # not `truetype`: that looks for a file of the same name elsewhere when this one is damaged
        font = ImageFont.FreeTypeFont(path, 32, index)
        return bytes(font.getmask(_PROBE)) != bytes(font.getmask("\U0010fffd"))
    except OSError:  # damaged, or a face that the file does not have
        return False


@cache
def font(size: int, *, is_bold: bool = False) -> Font:
    """Return a font for Chinese text, or Pillow's own when none is installed (see `spelled`)."""
    face = chinese()
    if face is None:
        return ImageFont.load_default(size)
    path = face.path
    if is_bold and (bold := _BOLD.get(path.stem)):
        heavier = path.with_stem(bold)
        path = heavier if heavier.is_file() else path
    return ImageFont.FreeTypeFont(path, size, face.index)


def spelled(text: str) -> str:
    """Return the text as it can be drawn here: itself, or in pinyin where there is no Chinese font."""
    if chinese() is not None or not _CHINESE.search(text):
        return text
    from pypinyin import lazy_pinyin

    found = " ".join(lazy_pinyin(text)).translate(str.maketrans("（）：；，。、〔〕　—", "():;,.,[] -"))
    return found.encode("ascii", "ignore").decode()
