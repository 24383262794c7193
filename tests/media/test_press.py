"""The press: papers become kept files in a child process; what cannot be made says why."""

import io
from datetime import date, timedelta
from pathlib import Path

import docx
import openpyxl
import pytest
from PIL import Image

from domain.messages import Document, Photo
from domain.papers import Album, Book, Column, Form, NothingToShow, Pair, PaperFailed, Sheet
from domain.texts.papers import month_book, month_letter, month_poster
from media import press as presses
from media.child import ChildFailed
from media.decode import Decoder
from media.photos import PhotoStore
from media.press import Press, Templates
from tests.media.pictures import picture
from tests.papers import month_facts

BOOK = Book("表.xlsx", (Sheet("总表", "六月", (Column("名", 9),), (("甲",),)),), "校验值", date(2026, 6, 30))


def press_of(folder: Path, templates: Templates | None = None) -> Press:
    store = PhotoStore(folder)
    return Press(store, Decoder(store), templates)


@pytest.fixture
def some_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presses, "_has_font", lambda: True)


async def test_every_kind_of_paper_is_made_and_kept(tmp_path: Path, some_font: None) -> None:
    store = PhotoStore(tmp_path)
    before = await store.save(picture(size=(320, 240)))
    gone = Photo("c" * 64, "jpg", 9)
    press = Press(store, Decoder(store))
    facts = month_facts()
    try:
        sheet = await press.make(month_book.book(facts))
        poster = await press.make(month_poster.poster(facts))
        letter = await press.make(month_letter.letter(facts))
        form = await press.make(Form("督办单.docx", (("编号", "1"),), (before, gone)))
        album = await press.make(Album("a.png", "", (Pair("甲", before, gone),)))
    finally:
        await press.close()
    assert isinstance(sheet, Document)
    assert (sheet.title, sheet.ext) == ("6月考评得分表.xlsx", "xlsx")
    assert openpyxl.load_workbook(io.BytesIO(await store.read(sheet))).sheetnames[5] == "扣分明细"
    assert isinstance(poster, Photo)
    assert (poster.ext, poster.width) == ("png", 1080)
    assert isinstance(letter, Document)
    assert isinstance(form, Document)
    assert len(docx.Document(io.BytesIO(await store.read(form))).inline_shapes) == 1
    assert isinstance(album, Photo)
    with Image.open(store.path(album)) as image:
        assert image.width == 1080


async def test_before_and_after_of_nothing_is_no_picture(tmp_path: Path, some_font: None) -> None:
    press = press_of(tmp_path)
    gone = Photo("c" * 64, "jpg", 9)
    try:
        with pytest.raises(NothingToShow, match="待过目"):
            await press.make(Album("a.png", "", (Pair("甲", gone, None),)))
    finally:
        await press.close()


async def test_the_child_is_gone_after_a_rest_and_comes_back(tmp_path: Path) -> None:
    press = press_of(tmp_path)
    try:
        first = await press.make(BOOK)
        await press.rest()
        assert press._child.process is None
        assert await press.make(BOOK) == first
    finally:
        await press.close()


async def test_no_picture_without_a_chinese_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presses, "_has_font", lambda: False)
    with pytest.raises(PaperFailed, match=r"没有中文字体.*fonts-wqy-microhei"):
        await press_of(tmp_path).make(month_poster.poster(month_facts()))


async def test_a_template_that_is_wrong_or_gone_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "letter.docx"
    broken.write_bytes(b"nothing")
    press = press_of(tmp_path / "media", Templates(letter=broken))
    try:
        with pytest.raises(PaperFailed, match="模板打不开"):
            await press.render(month_letter.letter(month_facts()))
        broken.unlink()
        with pytest.raises(PaperFailed, match=r"letter\.docx 读不到"):
            await press.render(month_letter.letter(month_facts()))
    finally:
        await press.close()


async def test_a_child_that_dies_is_a_paper_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    press = press_of(tmp_path)

    async def die(question: object) -> None:
        raise ChildFailed("EOFError")

    monkeypatch.setattr(press._child, "ask", die)
    with pytest.raises(PaperFailed, match="没有做成"):
        await press.make(BOOK)


async def test_documents_are_kept_once_and_swept_like_photos(tmp_path: Path) -> None:
    store = PhotoStore(tmp_path)
    kept, other = await store.keep(b"one", "甲.xlsx"), await store.keep(b"two", "乙.docx")
    assert await store.keep(b"one", "甲.xlsx") == kept
    assert await store.read(kept) == b"one"
    assert await store.sweep({kept.name}, timedelta(seconds=-1)) == (other.name,)
    with pytest.raises(ValueError, match="kind of document"):
        await store.keep(b"x", "x.exe")
