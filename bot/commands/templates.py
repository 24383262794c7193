"""`luzhang template`: an empty table to fill in, with a note on every column and one sample row that is no data.

The columns are those of the import, which passes over the sample row.
"""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.commands.session import OK, UsageError, say
from bot.tables_in import SAMPLE_MARK
from domain.imports import awards, duty, findings, patrols, people, ratings, roster, shops
from domain.imports.rows import Columns

COLUMNS: Final[Mapping[str, Columns]] = {
    "roster": roster.COLUMNS,
    "people": people.COLUMNS,
    "duty": duty.COLUMNS,
    "findings": findings.COLUMNS,
    "ratings": ratings.COLUMNS,
    "shops": shops.COLUMNS,
    "awards": awards.COLUMNS,
    "patrols": patrols.COLUMNS,
}
NAMES: Final[Mapping[str, str]] = {
    "roster": "花名册",
    "people": "人员",
    "duty": "轮值",
    "findings": "督查问题",
    "ratings": "评分",
    "shops": "门店评比",
    "awards": "专项奖励",
    "patrols": "巡查例会",
}
# column → (what it is, a sample)
NOTES: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "roster": {
        "segment_id": ("路段编号，不含空格", "XC001"),
        "road": ("路名", "人民路"),
        "from_cross": ("起点路口", "建设街"),
        "to_cross": ("终点路口", "文化街"),
        "side": ("双侧、北侧、南侧、东侧或西侧", "北侧"),
        "township": ("辖区全称", "东关街道"),
        "grade": ("道路管理难度A、B、C，A最难", "A"),
        "unit": ("责任单位；没有市直单位就填辖区", "市农业局"),
        "chief_name": ("路段长姓名", "王建国"),
        "chief_userid": ("路段长人员编号，自己定", "wang"),
        "l2_name": ("二级路长姓名", "陈涛"),
        "l2_userid": ("二级路长人员编号", "chen"),
        "area_head_name": ("辖区总路长姓名，可空", "李卫东"),
        "area_head_userid": ("辖区总路长人员编号，可空", "li"),
        "l1_name": ("一级路长姓名，可空", "张明"),
        "l1_userid": ("一级路长人员编号，可空", "zhang"),
        "road_aliases": ("路的别名，分号隔开，可空", "人民大道"),
        "landmarks": ("地标，分号隔开，可空", "百货大楼;第一小学"),
        "house_no": ("门牌范围，可空", "1-120"),
        "length_m": ("长度，整数米，可空", "620"),
        "polyline": ("走向，经度 纬度，分号隔开，可空", "113.740000 34.400000;113.746000 34.400000"),
    },
    "people": {
        "person": ("人员编号，与花名册一致", "zhao"),
        "name": ("姓名", "赵强"),
        "role": ("角色，如轮值人员、指挥席、督查员、市路长办、管理员", "轮值人员"),
        "scope": ("管哪里：辖区总路长、指挥席填辖区", "东关街道"),
        "unit": ("单位", "市农业局"),
        "wecom_userid": ("企业微信账号，可空", "ZhaoQiang"),
        "dingtalk_userid": ("钉钉userid，可空", "0123456789"),
        "mobile": ("手机号，可空；没填账号时用它向平台查，不保存", ""),
        "from": ("任职起，可空", "2026-01-01"),
        "to": ("任职止，可空", ""),
    },
    "duty": {
        "segment_id": ("路段编号", "XC001"),
        "person": ("轮值人员的人员编号", "zhao"),
        "weekdays": ("哪几天：1-5、周一至周五、工作日、周末；空为每天", "1-5"),
        "from": ("起，可空", ""),
        "to": ("止，可空", ""),
    },
    "findings": {
        "found_at": ("检查时间，带时区", "2026-10-05T09:30:00+08:00"),
        "segment_id": ("路段编号", "XC001"),
        "category": ("类别；空为查过、没有问题", "小广告牛皮癣"),
        "points": ("扣几分；空为按扣分细则", "0.5"),
        "inspector": ("督查员的人员编号或姓名", "sun"),
        "note": ("备注", "建设街口墙面"),
    },
    "ratings": {
        "period": ("考评月份", "2026-10"),
        "sequence": ("责任单位 或 职能单位", "职能单位"),
        "subject": ("被评的单位", "环卫中心"),
        "rater": ("评分人的人员编号或姓名", "chen"),
        "score": ("0至100，最多两位小数", "92.5"),
    },
    "shops": {
        "period": ("考评月份", "2026-10"),
        "segment_id": ("门店所在路段", "XC001"),
        "shop": ("店名", "张记烩面"),
        "merchant": ("经营者，只用来核对，不保存", "张老板"),
        "rater": ("评委", "陈涛"),
        "capacity": ("二级路长、职能单位、网格员、商户代表", "二级路长"),
        "score": ("0至100，最多两位小数", "92.5"),
        "failed": ("未落实门前五包的哪几项；都落实的不填", "包秩序、包卫生"),
    },
    "awards": {
        "sequence": ("辖区、二级路长、责任单位等", "责任单位"),
        "subject": ("获奖的单位或个人", "市水利局"),
        "amount": ("金额，整数元", "50000"),
        "reason": ("理由", "全年成绩第1名"),
    },
    "patrols": {
        "person": ("谁巡查、谁召集：人员编号，或不重名的姓名", "zhang"),
        "kind": ("巡查或例会", "巡查"),
        "date": ("哪一天，限本月和上月", "2026-06-03"),
        "place": ("路段或地点，可空", "人民路"),
        "note": ("说明，可空", ""),
    },
}


def write(kind: str, out: Path | None) -> int:
    """Write a template. Raises UsageError for an unknown kind or ending, and rather than overwrite a file."""
    if kind not in COLUMNS:
        raise UsageError(f"没有模板 {kind}，可用：{'、'.join(COLUMNS)}。")
    file = out or Path(f"{kind}.xlsx")
    writers: dict[str, Callable[[str, Path], None]] = {".xlsx": _xlsx, ".csv": _csv}
    if file.suffix.lower() not in writers:
        raise UsageError(f"{file}：只能写 .xlsx 或 .csv。")
    if file.exists():
        raise UsageError(f"{file} 已存在，没有改动它：请用 --out 换一个文件名。")
    writers[file.suffix.lower()](kind, file)
    say(f"已写好{NAMES[kind]}模板 {file}：第二行是示例，导入时不算。填好后：luzhang import {kind} {file} --dry-run")
    return OK


def header(kind: str) -> list[str]:
    """Return the columns of a kind of file, the required ones first."""
    return list(COLUMNS[kind].known)


def sample(kind: str) -> list[str]:
    """Return the sample row; its first cell says that it is none."""
    first, *rest = [NOTES[kind][column][1] for column in header(kind)]
    return [f"{SAMPLE_MARK} {first}", *rest]


def _csv(kind: str, file: Path) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # with the mark, Excel reads it as UTF-8
        csv.writer(out).writerows([header(kind), sample(kind)])


def _xlsx(kind: str, file: Path) -> None:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise UsageError("无法建立工作表。")
    sheet.title = NAMES[kind]
    sheet.append(header(kind))
    sheet.append(sample(kind))
    for number, column in enumerate(header(kind), start=1):
        cell = sheet.cell(1, number)
        is_required = column in COLUMNS[kind].required
        cell.font = Font(bold=is_required)
        cell.comment = Comment(NOTES[kind][column][0] + ("（必填）" if is_required else ""), "luzhang")
        sheet.column_dimensions[get_column_letter(number)].width = max(12, len(column) + 2)
        for row in range(2, 500):  # else Excel turns long numbers and dates into its own
            sheet.cell(row, number).number_format = "@"
    sheet.freeze_panes = "A2"
    book.save(file)
