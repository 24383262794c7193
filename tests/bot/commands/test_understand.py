"""`luzhang understand`: lines in, lines out, figures on request, bad input refused."""

import io
import json
from pathlib import Path

import pytest

from bot.commands.understand import run

DATA = Path(__file__).resolve().parents[2] / "domain" / "data"
ROSTER = DATA / "roster-demo.csv"


def feed(monkeypatch: pytest.MonkeyPatch, *rows: object) -> None:
    lines = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_one_line_each_in_the_same_order(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    feed(monkeypatch, {"text": "三中门口小广告贴满电线杆"}, "", {"text": "收到"})
    assert run(ROSTER, None, evaluate=False) == 0
    report, ack = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert report["intent"] == "report"
    assert report["category"] == report["category_candidates"][0]["category"] == "zang.flyposting"
    assert report["segment"] == report["segment_candidates"][0]["segment"] == "XZ088"
    assert {"also", "severity", "confidence", "decision", "evidence"} <= report.keys()
    assert (ack["intent"], ack["category"], ack["segment"]) == ("ack", None, None)


def test_the_senders_segment_is_used(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    feed(monkeypatch, {"text": "小广告贴满电线杆"})
    assert run(ROSTER, "XZ100", evaluate=False) == 0
    assert json.loads(capsys.readouterr().out)["segment"] == "XZ100"


def test_figures_of_labelled_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    label = {"intent": "report", "category": "zang.flyposting", "severity": "一般", "segment": "XZ088"}
    wrong = {"intent": "report", "category": "wu.bbq", "severity": "突出", "segment": None}
    feed(monkeypatch, {"text": "三中门口小广告贴满电线杆", **label}, {"text": "三中门口小广告贴满电线杆", **wrong})
    assert run(ROSTER, None, evaluate=True) == 0
    shown = capsys.readouterr().out
    assert "分类 首选正确 0.500（1/2" in shown
    assert "路段 错派 0.500（1/2" in shown
    assert "wu.bbq → zang.flyposting 1" in shown


@pytest.mark.parametrize(
    ("row", "evaluate", "says"),
    [
        pytest.param("{text", False, "第1行：不是JSON", id="not JSON"),
        pytest.param({"words": "x"}, False, "第1行 text", id="no text"),
        pytest.param([1], False, "第1行 text", id="no object"),
        pytest.param({"text": "x"}, True, "第1行 intent", id="no label"),
    ],
)
def test_bad_lines_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], row: object, evaluate: bool, says: str
) -> None:
    feed(monkeypatch, row)
    assert run(ROSTER, None, evaluate) == 2
    assert says in capsys.readouterr().err


def test_a_bad_roster_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    feed(monkeypatch, {"text": "x"})
    assert run(tmp_path / "none.csv", None, evaluate=False) == 2
    assert "none.csv" in capsys.readouterr().err
