"""WeCom's own crypto for node opens what our guard seals, and the other way round."""

import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from bot.platforms.wecom.crypto import Guard
from tests.peers.installed import node_modules

pytestmark = pytest.mark.peers

PROGRAM = Path(__file__).parent / "node/wecom_crypto.mjs"
TOKEN, KEY = "luzhangTok3n01", "Qw3rTy8uIoPaSdFgHjKlZxCvBnM0987654321AbCdEf"
MESSAGES = (
    "",
    "x" * 12,
    "人民路井盖缺失😀",
    "<xml><Content><![CDATA[收到]]></Content></xml>",
    *("路" * n for n in range(33)),
)


@dataclass(frozen=True)
class Row:
    token: str
    key: str
    receiveid: str
    timestamp: str
    nonce: str
    message: str
    ciphertext: str


def test_both_ways(tmp_path: Path) -> None:
    modules = node_modules(tmp_path, "@wecom/crypto@1.0.1")
    guards = {receiveid: Guard(TOKEN, KEY, receiveid, "wecom.app") for receiveid in ("", "ww1234567890abcdef")}
    sealed = [
        (guard.seal(message, "1767225600", "n1"), receiveid, message)
        for receiveid, guard in guards.items()
        for message in MESSAGES
    ]
    rows = [Row(TOKEN, KEY, who, one.timestamp, one.nonce, message, one.encrypt) for one, who, message in sealed]
    done = subprocess.run(
        [shutil.which("node") or "node", str(PROGRAM)],
        input=json.dumps([asdict(row) for row in rows]),
        env={**os.environ, "PEER_MODULES": str(modules)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    answers = json.loads(done.stdout)
    assert [(a["message"], a["receiveid"], a["signature"]) for a in answers] == [
        (message, who, one.signature) for one, who, message in sealed
    ]
    opened = [
        guards[row.receiveid].open(answer["sealed_signature"], row.timestamp, row.nonce, answer["sealed"])
        for row, answer in zip(rows, answers, strict=True)
    ]
    assert opened == [row.message for row in rows]
