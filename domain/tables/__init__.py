"""Packaged rule tables (TOML) and how they are read.

Every rule, limit and word list of the product is a row in a file of this folder. A city may replace a table by
a file of its own, named in its configuration.
"""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from domain.errors import TableError


def load_toml(name: str, override: Path | None = None) -> dict[str, Any]:
    """Return the table `name` (such as "categories.toml"), from `override` when a city brings its own.

    Raises TableError, naming the file and the mend, when the file is absent, not UTF-8 or not TOML.
    """
    source = override if override is not None else resources.files(__name__) / name
    label = str(override) if override is not None else name
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise TableError(f"{label}：读不到这张表（{error.strerror}），请检查路径和权限。") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{label}：不是UTF-8编码，请另存为UTF-8后重试。") from error
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{label}：TOML格式有误（{error}），请按提示的行列修改。") from error
