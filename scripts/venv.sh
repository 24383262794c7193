#!/bin/sh
# Create .venv with the first Python >= 3.11 found. PYTHON=/path/to/python3 chooses another one.
set -eu

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if is_new_enough "$candidate"; then
        if "$candidate" -m venv --clear .venv; then
            exit 0
        fi
        rm -rf .venv
        echo "无法创建虚拟环境：请先安装 venv 模块（Debian/Ubuntu：apt install python3-venv），再执行一次 make。" >&2
        echo "Cannot create .venv: install the venv module (Debian/Ubuntu: apt install python3-venv) and run make again." >&2
        exit 2
    fi
done

found=$(${PYTHON:-python3} -c 'import platform; print(platform.python_version())' 2>/dev/null || echo 无/none)
echo "需要Python 3.11及以上，当前${found}。安装后再执行 make，或用 make PYTHON=/路径/python3 指定。" >&2
echo "Python 3.11 or newer is needed, found ${found}. Install one, or name it: make PYTHON=/path/to/python3" >&2
exit 2
