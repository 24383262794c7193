"""Rows about DingTalk's Stream: messages acknowledged, beside the platform's SDK whose handler does nothing."""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench import messages
from bench.figures import Row, median
from bench.gateways import PushingGateway, gateway
from bench.load import Sent
from bench.plan import Plan
from bench.processes import Server, start
from bench.product import Product
from bench.rows.accepting import next_ids

SDK = "dingtalk-stream==0.24.3"
_INSTALL_SECONDS = 180


def acknowledged(plan: Plan) -> list[Row]:
    """Measure from the push to the acknowledgement, ours after the durable commit, in turn with the SDK's."""
    with tempfile.TemporaryDirectory(prefix="luzhang-bench-") as folder:  # no foreign code inside the project
        sdk = _installed(Path(folder))
        if sdk is None:
            print(f"stream: left out, {SDK} could not be installed")
            return []
        return _in_turn(plan, sdk)


def _in_turn(plan: Plan, sdk: Path) -> list[Row]:
    with gateway() as to_ours, gateway() as to_sdk:
        product = Product(plan.folder / "stream", to_ours.base)
        config = product.config.read_text(encoding="utf-8")
        product.config.write_text(config.replace('mode = "http"', 'mode = "stream"'), encoding="utf-8")
        with product.serve(), _sdk(sdk, to_sdk, plan.folder):
            return [_row(plan, product, to_ours, to_sdk, in_flight) for in_flight in (16, 64)]


def _row(plan: Plan, product: Product, to_ours: PushingGateway, to_sdk: PushingGateway, in_flight: int) -> Row:
    ours: list[Sent] = []
    bare: list[Sent] = []
    for _ in range(plan.repetitions):
        for peer, runs in ((to_sdk, bare), (to_ours, ours)):
            runs.append(_checked(peer.push(next_ids(), plan.messages, in_flight)))
        product.wait_until_worked_off()
    rate, bare_rate = median(r.rate for r in ours), median(r.rate for r in bare)
    p99 = f"p99 {median(r.p99 for r in ours):.1f} beside {median(r.p99 for r in bare):.1f} ms"
    name = f"DingTalk Stream acknowledged, {in_flight} in flight, beside the SDK's no-op"
    return Row(name, rate / bare_rate, 0.2, 0.45, f"{rate:,.0f}/s beside {bare_rate:,.0f}/s, {p99}")


def _checked(sent: Sent) -> Sent:
    if sent.errors:
        raise RuntimeError(f"{sent.errors} of {sent.count} messages were not acknowledged with 200")
    return sent


def _sdk(packages: Path, peer: PushingGateway, folder: Path) -> Server:
    command = [sys.executable, "-m", "bench.stream_sdk", messages.ROBOT, messages.APP_SECRET]
    environment = {"PYTHONPATH": str(packages), "DINGTALK_OPENAPI_ENDPOINT": peer.base}
    return start(command, folder / "sdk.log", environment=environment)


def _installed(folder: Path) -> Path | None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
    try:
        done = subprocess.run([*pip, SDK], capture_output=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return folder if done.returncode == 0 else None
