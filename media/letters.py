"""Letters and forms (docx): a template, the office's own or the built-in one, with its fields filled in.

A field is written {{标题}} and may stand anywhere, also in headers, footers and tables; Word may have cut it into
several runs. {{正文}}, {{附表}} and {{照片}} stand alone in a paragraph and bring paragraphs, tables and pictures. A line
whose fields are all empty is left out. The same letter gives the same bytes.
"""

import copy
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any

import docx
from docx.shared import Mm
from docx.text.paragraph import Paragraph as Drawn

from domain.errors import TableError
from domain.papers import Enclosure, Form, Letter, Level, Paragraph, clean
from media.letter_styles import STYLE_BODY, STYLE_ENCLOSURE, STYLE_ENCLOSURE_TITLE, STYLE_FIRST, STYLE_SECOND
from media.letter_tables import table_of
from media.letter_templates import LETTER_FIELDS, ORDER_FIELDS, letter_template, order_template

_FIELD = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_STYLES = {Level.BODY: STYLE_BODY, Level.FIRST: STYLE_FIRST, Level.SECOND: STYLE_SECOND}
_PICTURE_WIDTHS = (80, 56)  # mm: of one, of several
_EPOCH = (1980, 1, 1, 0, 0, 0)
BODY, GRIDS, PHOTOS = "正文", "附表", "照片"


def render_letter(letter: Letter, template: bytes | None = None) -> bytes:
    """Return the letter as a file. Raises TableError for a template that cannot be filled."""
    fields = {
        "标记": letter.mark,
        "发文机关": letter.office,
        "字号": letter.number,
        "标题": letter.title,
        "主送": letter.recipient,
        "附件": letter.enclosed,
        "署名": letter.signature,
        "日期": letter.day,
        "抄送": letter.copies,
        "印发": letter.issued,
        "依据": letter.source,
    }
    document = _opened(template or letter_template(), LETTER_FIELDS)
    _fill(document, fields, _Blocks(body=letter.body, enclosures=letter.enclosures))
    return _saved(document, letter.title, letter.dated)


def render_form(form: Form, pictures: Sequence[bytes] = (), template: bytes | None = None) -> bytes:
    """Return the form as a file, with its pictures as JPEG. Raises TableError for a template that cannot be filled."""
    document = _opened(template or order_template(), ORDER_FIELDS)
    _fill(document, dict(form.fields), _Blocks(pictures=pictures, withheld=len(form.photos) - len(pictures)))
    return _saved(document, form.file.rpartition(".")[0], form.dated)


class _Blocks:
    """What the fields that stand alone bring."""

    def __init__(
        self,
        body: Sequence[Paragraph] = (),
        enclosures: Sequence[Enclosure] = (),
        pictures: Sequence[bytes] = (),
        withheld: int = 0,  # pictures that may not, or not yet, be shown
    ) -> None:
        self.body, self.enclosures = body, enclosures
        self.pictures, self.withheld = pictures, withheld


def _opened(template: bytes, known: Sequence[str]) -> Any:
    try:
        document = docx.Document(io.BytesIO(template))
    except Exception:  # the library raises whatever zip and XML readers raise
        raise TableError("公文模板打不开，请用Word另存为.docx后重试，或用 luzhang report template 重新导出。") from None
    used = {name for paragraph in _paragraphs(document) for name in _FIELD.findall(paragraph.text)}
    for name in sorted(used - set(known)):
        near = get_close_matches(name, known, 1, 0.3)
        meant = f"，是否应为{{{{{near[0]}}}}}" if near else ""
        raise TableError(f"公文模板里的{{{{{name}}}}}不是可填的字段{meant}？可用：{'、'.join(known)}。")
    return document


def _fill(document: Any, fields: Mapping[str, str], blocks: _Blocks) -> None:
    for paragraph in list(_paragraphs(document)):
        names = _FIELD.findall(paragraph.text)
        if not names:
            continue
        if names[0] in (BODY, GRIDS, PHOTOS):
            _block(document, paragraph, names[0], blocks)
        elif any(fields.get(name, "") for name in names):
            _inline(paragraph, fields)
        else:
            _drop(paragraph)


def _paragraphs(document: Any) -> Iterator[Any]:
    """Yield every paragraph, also those in tables, headers and footers."""
    edges = [
        edge
        for section in document.sections
        for edge in (section.header, section.footer, section.even_page_header, section.even_page_footer)
    ]
    parts = [document, *(edge for edge in edges if not edge.is_linked_to_previous)]
    for part in parts:
        yield from part.paragraphs
        for table in part.tables:
            yield from (p for row in table.rows for cell in row.cells for p in cell.paragraphs)


def _inline(paragraph: Any, fields: Mapping[str, str]) -> None:
    """Fill the fields of a paragraph; one that is cut into runs takes the look of the run in which it begins."""
    runs = paragraph.runs
    while match := _FIELD.search("".join(run.text for run in runs)):
        value = clean(fields.get(match[1], ""))
        position = 0
        for run in runs:
            begin, position = position, position + len(run.text)
            if position <= match.start() or begin >= match.end():
                continue
            before = run.text[: max(0, match.start() - begin)]
            after = run.text[match.end() - begin :] if position >= match.end() else ""
            run.text = before + value + after
            value = ""


def _drop(paragraph: Any) -> None:
    """Remove a line that has nothing to say, with the row of a table that says nothing else."""
    element = paragraph._p
    [row] = element.xpath("ancestor::w:tr[1]") or [None]
    if row is not None and row.getnext() is not None and "".join(row.xpath(".//w:t/text()")) == paragraph.text:
        row.getparent().remove(row)
    elif len(element.getparent().findall(element.tag)) > 1:  # a cell must keep one
        element.getparent().remove(element)
    else:
        for run in paragraph.runs:
            run.text = ""


def _block(document: Any, paragraph: Any, name: str, blocks: _Blocks) -> None:
    if name == BODY:
        for one in blocks.body:
            drawn = _copy_before(document, paragraph, one)
            if one is blocks.body[-1]:
                drawn.paragraph_format.keep_with_next = True  # no signature on a page without text
    elif name == GRIDS:
        for enclosure in blocks.enclosures:
            _enclose(document, paragraph, enclosure)
    else:
        _pictures(paragraph, blocks.pictures, blocks.withheld)
        return
    _drop(paragraph)


def _copy_before(document: Any, paragraph: Any, one: Paragraph) -> Drawn:
    """Put a paragraph of the body before the field: as it looks there, a heading as the template's style says."""
    element = copy.deepcopy(paragraph._p)
    paragraph._p.addprevious(element)
    drawn = Drawn(element, paragraph._parent)
    style = _STYLES[one.level]
    if one.level is not Level.BODY and style in [s.name for s in document.styles]:
        drawn.style = document.styles[style]
        for run in drawn.runs[1:]:
            run._r.getparent().remove(run._r)
    _set_text(drawn, clean(one.text))
    return drawn


def _set_text(paragraph: Any, text: str) -> None:
    first, *others = paragraph.runs or [paragraph.add_run()]
    first.text = text
    for run in others:
        run._r.getparent().remove(run._r)


def _enclose(document: Any, paragraph: Any, enclosure: Enclosure) -> None:
    """Put an enclosure before the field: on a page of its own, its tables each under its title."""
    label = _heading(document, paragraph, enclosure.label, STYLE_ENCLOSURE)
    label.paragraph_format.page_break_before = True  # also in a template that lacks the style
    _heading(document, paragraph, enclosure.title, STYLE_ENCLOSURE_TITLE)
    for grid in enclosure.grids:
        if grid.title:
            _heading(document, paragraph, grid.title)
        paragraph._p.addprevious(table_of(document, grid)._tbl)


def _heading(document: Any, paragraph: Any, text: str, style: str = "") -> Any:
    """Put a heading before the field, in a style if the template has it, else as the field looks."""
    element = copy.deepcopy(paragraph._p)
    paragraph._p.addprevious(element)
    drawn = Drawn(element, paragraph._parent)
    _set_text(drawn, clean(text))
    if style in [s.name for s in document.styles]:
        drawn.style = document.styles[style]
    drawn.paragraph_format.keep_with_next = True
    return drawn


def _pictures(paragraph: Any, pictures: Sequence[bytes], withheld: int) -> None:
    missing = f"（照片{withheld}张未附：待市路长办过目，或已无法打开）" if withheld > 0 else ""
    _set_text(paragraph, missing or ("" if pictures else "（无）"))
    for picture in pictures:
        paragraph.runs[0].add_picture(io.BytesIO(picture), width=Mm(_PICTURE_WIDTHS[len(pictures) > 1]))
    if pictures:
        paragraph.paragraph_format.line_spacing_rule = None
        paragraph.paragraph_format.line_spacing = 1.0


def _saved(document: Any, title: str, dated: date) -> bytes:
    at = datetime.combine(dated, time(), UTC).replace(tzinfo=None)
    about = document.core_properties
    about.title, about.created, about.modified = title.replace("\n", ""), at, at
    about.author = about.last_modified_by = about.comments = ""
    about.revision = 1
    buffer = io.BytesIO()
    document.save(buffer)
    return _timeless(buffer.getvalue())


def _timeless(data: bytes) -> bytes:
    """Return the archive with every entry's time set back, so that the same letter gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _EPOCH), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
