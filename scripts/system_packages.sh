#!/bin/sh
# Install what the tests drive from outside Python: Chromium, a Chinese font, libfaketime. Debian or Ubuntu, as root.
set -eu

missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v faketime >/dev/null || missing="$missing faketime"
if ! fc-list :lang=zh 2>/dev/null | grep -q .; then
    missing="$missing fontconfig fonts-wqy-microhei"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "缺少：$missing。请由管理员安装（apt-get install$missing）；缺少时相应测试会说明并跳过。" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086  # a list of words
apt-get install -y -qq --no-install-recommends $missing
