"""`luzhang serve` as a process: it says where it listens, stops in order, and never runs twice on one database."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bot.stage import write_config

COMMAND = [sys.executable, "-m", "bot", "serve", "--port", "0", "--config"]
ROOT = Path(__file__).parents[2]


@contextmanager
def served(config: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    with subprocess.Popen(
        [*COMMAND, str(config)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line.startswith("正在监听 http://127.0.0.1:"), process.communicate()[1]
            yield process, line.removeprefix("正在监听 ").strip()
        finally:
            if process.poll() is None:
                process.kill()


def test_one_service_on_one_database(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with served(config) as (process, url):
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            assert json.load(answer)["status"] == "ready"
        second = subprocess.run(
            [*COMMAND, str(config)], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
        )
        assert (second.returncode, "正被另一个 luzhang serve 使用" in second.stderr) == (2, True)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=15)
        assert process.returncode == 0
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"listening", "stopping"} <= {line.get("action") for line in lines}
    assert not [line for line in lines if line["level"] in ("ERROR", "CRITICAL")]
    secrets = ("canary-webhook-key-0451", "sampleAppToken01", "roadchief-app-secret")
    assert not [secret for secret in secrets if secret in log]


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with served(config):
        pass
    with sqlite3.connect(tmp_path / "data" / "luzhang.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    refused = subprocess.run([*COMMAND, str(config)], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "9999" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    with served(config) as (_process, url):
        other = tmp_path / "other"
        other.mkdir()
        command = [*COMMAND, str(write_config(other))]
        command[command.index("0")] = url.rpartition(":")[2]
        refused = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False, env=dict(os.environ)
        )
    assert (refused.returncode, "无法监听" in refused.stderr) == (2, True)


def test_reload_and_sighup_take_other_secrets(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    text = config.read_text(encoding="utf-8")
    reload = [sys.executable, "-m", "bot", "reload", "--config", str(config)]

    def reloaded() -> tuple[int, str]:
        done = subprocess.run(reload, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stdout

    assert reloaded() == (1, "服务没有在运行：启动时自会读取新的配置。\n")
    with served(config) as (process, _url):
        config.write_text(text.replace("sampleBotToken01", "canaryOtherToken"), encoding="utf-8")
        assert reloaded() == (0, "已更新：wecom.bot.token。\n")
        config.write_text(text, encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        line = ""
        for line in process.stderr:
            if json.loads(line).get("action") == "reloaded" and "canary" not in line:
                break
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=15)
        assert process.returncode == 0
        assert "canaryOtherToken" not in line + log
