"""The command line: exit codes, Chinese words, and the way from an empty folder to scores."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli
from bot.cli import main
from bot.commands import doctor
from tests.bot.commands.files import FINDINGS_HEAD, roster_lines, write

CONFIG = '[city]\nname = "溪城市"\ntimezone = "Asia/Shanghai"\n[store]\n'
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `luzhang …` in a folder with the smallest configuration; return exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "config.toml", CONFIG)

    def call(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(args))
        out, err = capsys.readouterr()
        return code, out, err

    return call


async def no_signs(*_given: object) -> list[object]:
    return []


COMMANDS = [
    ("demo",), ("serve",), ("check-config",), ("doctor",), ("understand",), ("score",), ("backup",), ("restore",),
    ("migrate",), ("import",), ("import", "roster"), ("import", "people"), ("import", "duty"), ("import", "findings"),
    ("chat",), ("chat", "list"), ("chat", "bind"), ("person",), ("person", "bind"), ("case",), ("case", "list"),
    ("case", "show"), ("case", "assign"), ("case", "close"), ("case", "reopen"), ("case", "copy"), ("case", "blur"), ("case", "unblur"), ("period",), ("period", "show"),
    ("period", "hold"), ("period", "release"), ("period", "publish"), ("audit",), ("audit", "verify"),
    ("audit", "export"), ("fake-platform",), ("reconnect",), ("init",), ("reload",), ("template",),
]  # fmt: skip


@pytest.mark.parametrize("command", [pytest.param(c, id=" ".join(c)) for c in COMMANDS])
def test_every_command_explains_itself_in_chinese(run: Run, command: tuple[str, ...]) -> None:
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert out.startswith(f"用法：luzhang {' '.join(command)}")
    for english in ("Usage", "Options:", "Commands:", "Arguments:", "Show this", "required", "default:"):
        assert english not in out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        pytest.param(["nonsense"], 2, "没有命令 nonsense。", id="no-such-command"),
        pytest.param(["import", "cats"], 2, "没有命令 cats。用法见：luzhang import --help", id="no-such-subcommand"),
        pytest.param(["score"], 2, "缺少 --period。", id="option-missing"),
        pytest.param(["import", "roster"], 2, "缺少 FILE。", id="argument-missing"),
        pytest.param(["score", "--perod", "x"], 2, "没有选项 --perod，是否应为 --period？", id="typo"),
        pytest.param(["score", "--period"], 2, "选项 --period 缺少值。", id="value-missing"),
        pytest.param(["migrate", "x"], 2, "多余的参数 x。", id="too-much"),
        pytest.param(["serve", "--port", "70000"], 2, "--port 的值有误：至多65535。", id="out-of-range"),
        pytest.param(["serve", "--port", "x"], 2, "--port 的值有误：须是数字。", id="no-number"),
        pytest.param(["case", "shwo"], 2, "没有命令 shwo，是否应为 show？", id="misspelt-command"),
        pytest.param(["score", "--period", "October"], 1, "不是月份", id="no-month"),
        pytest.param(["serve", "--config", "none.toml"], 2, "没有这个文件", id="no-configuration"),
        pytest.param(["import", "roster", "none.csv"], 2, "没有文件 none.csv", id="no-file"),
        pytest.param(["case", "show", "0001"], 1, "没有找到案件0001", id="no-case"),
        pytest.param(["restore", "none"], 2, "不是完整的备份", id="no-backup"),
        pytest.param(["period", "publish", "--period", "2026-01", "--signed-by", "甲"], 1, "两名", id="one-signature"),
    ],
)
def test_what_goes_wrong_is_told_in_a_line(run: Run, args: list[str], code: int, said: str) -> None:
    got, out, err = run(*args)
    assert (got, said in err, out) == (code, True, "")
    assert "Traceback" not in err


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    code, _, err = run()
    assert (code, err.startswith("用法：luzhang [选项] 命令")) == (2, True)


def test_a_broken_configuration_names_line_and_key(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "config.toml", CONFIG + '[wecom.bot]\nmode = "callback"\ntoken = "canary-secret-777"\n')
    for args in (["migrate"], ["serve"], ["case", "list"], ["doctor"]):
        code, _, err = run(*args)
        assert (code, "config.toml:5" in err) == (2, True)
        assert "canary" not in err


def test_the_smallest_configuration_imports_and_scores(run: Run, tmp_path: Path) -> None:
    roster = write(tmp_path, "roster.csv", *roster_lines())
    assert run("import", "roster", str(roster), "--dry-run")[0] == 0
    code, out, _ = run("import", "roster", str(roster), "--from", "2026-10-01")
    assert (code, "新增5段" in out) == (0, True)
    assert (tmp_path / "data" / "luzhang.db").exists()
    row = "2026-10-05T09:30:00+08:00,XC001,,0,sun,"
    findings = write(tmp_path, "findings.csv", FINDINGS_HEAD, row, row.replace("+08:00", ""))
    code, _, err = run("import", "findings", str(findings))
    assert (code, "第3行 found_at" in err, "未保存任何内容" in err) == (1, True, True)
    code, _, err = run("import", "people", str(roster))
    assert (code, err.count("\n"), "请改用 luzhang import roster roster.csv" in err) == (1, 2, True)
    assert run("import", "findings", str(write(tmp_path, "ok.csv", FINDINGS_HEAD, row)))[0] == 0
    code, out, _ = run("score", "--period", "2026-10", "--json")
    got = json.loads(out)
    assert (code, got["period"]) == (0, "2026-10")
    assert [row["score"] for row in got["sequences"][0]["rows"]] == ["100.00", "100.00"]
    assert run("audit", "verify", "--json")[0] == 0


def test_backup_and_restore(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "extras", no_signs)  # what it says of the recognisers has its own tests
    run("import", "roster", str(write(tmp_path, "roster.csv", *roster_lines())))
    assert run("backup", "copy")[0] == 0
    assert "最近备份" in run("doctor")[1]
    (tmp_path / "data" / "luzhang.db").unlink()
    assert run("restore", "copy")[0] == 0
    assert "5个路段" in run("doctor")[1] or "XC" in run("doctor")[1]
    assert run("migrate")[0] == 0


def test_a_fault_of_the_disk_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be", encoding="utf-8")
    code, _, err = run("migrate")
    assert code in (1, 2)
    assert err.count("\n") == 1


def test_the_demo_is_started_with_its_options(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[int, bool]] = []

    def play(port: int, no_browser: bool) -> int:
        started.append((port, no_browser))
        return 1

    monkeypatch.setattr("bot.demo.main.run", play)
    assert run("demo", "--port", "9000", "--no-browser")[0] == 1
    assert started == [(9000, True)]


def test_nothing_heavy_is_loaded_for_the_help() -> None:
    asked = "import sys, bot.cli; print(*{'aiohttp', 'sqlalchemy', 'pydantic', 'wechatpy', 'PIL'} & set(sys.modules))"
    root = Path(cli.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_the_service_starts_without_what_the_first_answer_does_not_need() -> None:
    late = "{'PIL', 'openpyxl', 'docx', 'numpy', 'pypinyin', 'rapidocr', 'alembic'}"
    asked = f"import sys, bot.commands.serve, bot.serve; print(*{late} & set(sys.modules))"
    root = Path(cli.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
