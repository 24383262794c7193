"""docs/scheme-proof.md: every statement of the results' part has its row, and every file and test it names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| (S[0-9]+[a-z]?) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "scheme-proof.md").read_text(encoding="utf-8"))


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_statement_on_scores_and_their_use_has_a_row() -> None:
    assert {f"S{n}" for n in range(40, 100)} <= {name for name, *_ in ROWS}


def test_of_the_statements_before_only_sunken_staff_has_none() -> None:
    assert {f"S{n}" for n in range(1, 40)} - {name for name, *_ in ROWS} == {"S34"}


def test_no_statement_has_two_rows() -> None:
    names = [name for name, *_ in ROWS]
    assert len(names) == len(set(names))


def test_every_row_is_a_statement_of_the_scheme() -> None:
    known = set(re.findall(r"\*\*(S[0-9]+[a-z]?)\*\*", (ROOT / "docs" / "scheme.md").read_text(encoding="utf-8")))
    assert [name for name, *_ in ROWS if name not in known] == []


@pytest.mark.parametrize(("name", "does", "where", "proof"), [pytest.param(*row, id=row[0]) for row in ROWS])
def test_what_a_row_names_is_there(name: str, does: str, where: str, proof: str) -> None:
    files, proofs = re.findall("`([^`]+)`", where), re.findall("`([^`]+)`", proof)
    assert does.strip()
    assert files
    assert proofs
    assert [file for file in files if not (ROOT / file).is_file()] == []
    pairs = [proof.split("::") for proof in proofs]
    assert [f"{file}::{test}" for file, test in pairs if test not in functions(file)] == []
