# Two commands are enough on a new machine: `make demo` and `make test`. Only Python >= 3.11 and make are needed.
BIN := .venv/bin
PACKAGES := bot handlers schedules store media domain
CODE := $(wildcard $(PACKAGES) tests bench scripts)
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes --requirement
INSTALL_SELF := $(PIP) install --quiet --no-deps --no-build-isolation --editable .
NETWORK_HINT := { echo "依赖未能安装：请检查网络；网络较慢时可用环境变量 PIP_INDEX_URL 指定就近的镜像后重试。" >&2; exit 1; }

.PHONY: help install photos demo test check wheel bench browser lock clean

help:
	@echo "make demo     装好运行所需并打开演示（无需账号和网络）"
	@echo "make test     装好全部工具并运行测试"
	@echo "make install  只安装，到 .venv"
	@echo "make photos   加装水印识别、人脸车牌打码所需（约370MB）"
	@echo "make check    格式、规范、类型、分层、安装包检查"
	@echo "make bench    性能对比（较久）"

install: .make/dev

# What reads watermarks and finds faces and plates: about 370 MB; the tests of it are skipped without.
photos: .make/dev
	$(INSTALL) requirements/photos.txt

demo: .make/core
	$(BIN)/luzhang demo $(ARGS)

test: .make/dev
	$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

check: .make/dev
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_wheel.py

wheel: .make/dev
	$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

bench: .make/dev
	$(BIN)/python -m bench $(ARGS)
	MONTH_CASES=5000 $(BIN)/pytest tests/month
	FAULTS_LONG=1 FUZZ_LONG=1 ENDURANCE_LONG=1 $(BIN)/pytest --timeout 1800 tests/faults tests/fuzz/test_callbacks.py
	CRASH_LONG=1 $(BIN)/pytest --timeout 1800 tests/crash
	LEDGER_EDITS=10000 $(BIN)/pytest tests/store/test_ledger.py
	RANDOM_MONTHS=10000 $(BIN)/pytest --timeout 1800 tests/domain/scoring tests/domain/quarter
	LUZHANG_FULL=1 $(BIN)/pytest --timeout 1800 tests/media/test_decode.py tests/media/test_likeness.py

# Chromium for the browser tests; only root can install it.
browser:
	@sh scripts/system_packages.sh

# New locks after a change of pyproject.toml; needs uv.
lock:
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
		pyproject.toml requirements/build.in --output-file requirements/core.txt
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
		--extra dev --extra pg --constraint requirements/core.txt \
		pyproject.toml requirements/build.in --output-file requirements/dev.txt

	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header \
		--extra blur --extra heif --constraint requirements/dev.txt \
		pyproject.toml requirements/build.in --output-file requirements/photos.txt

clean:
	rm -rf .venv .make build dist demo-data .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

.venv/pyvenv.cfg:
	@sh scripts/venv.sh

.make/core: .venv/pyvenv.cfg requirements/core.txt pyproject.toml
	@echo "正在安装运行所需的依赖，首次约半分钟……"
	@$(INSTALL) requirements/core.txt || $(NETWORK_HINT)
	@$(INSTALL_SELF)
	@mkdir -p .make && touch $@

.make/dev: .venv/pyvenv.cfg requirements/dev.txt pyproject.toml
	@echo "正在安装运行和测试所需的依赖，首次约一分钟……"
	@$(INSTALL) requirements/dev.txt || $(NETWORK_HINT)
	@$(INSTALL_SELF)
	@mkdir -p .make && touch $@
