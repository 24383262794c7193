"""What the ledger alone says was found in a month: its export read line by line, without anything of the product.

A month's findings are fixed when it is signed or published: what is placed or won later waits for a correction.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.domain.scoring.oracle import CITY

Row = dict[str, Any]


@dataclass
class Replay:
    """The findings as they stand after the lines read so far, by key."""

    found: dict[str, Row] = field(default_factory=dict)
    appealed: dict[str, str] = field(default_factory=dict)  # stream of the appeal → key of the finding
    fixed: set[str] = field(default_factory=set)  # months

    def read(self, export: str) -> "Replay":
        for line in export.splitlines():
            entry = json.loads(line)
            if "head" not in entry:
                self.take(entry["stream"], entry["kind"], entry["payload"]["facts"])
        return self

    def take(self, stream: str, kind: str, facts: Row) -> None:
        of, _, name = stream.partition(":")
        if of == "period" and kind in ("signed", "published", "corrected"):
            self.fixed.add(name)
        elif of == "appeal":
            self.appeal(stream, kind, facts)
        elif kind == "imported":
            for one in facts["findings"]:
                self.add(one)
        elif "finding" in facts:
            self.change(kind, facts)

    def add(self, one: Row) -> None:
        self.found[one["finding"]] = one | {"counts": month_of(one) not in self.fixed}

    def change(self, kind: str, facts: Row) -> None:
        row = self.found.get(facts["finding"], {})
        if kind == "finding":
            self.add(facts)
        elif kind == "correction":
            self.found[facts["finding"]] = facts | {"counts": not facts["withdrawn"]}
        elif kind == "points":
            row["points"] = facts["new"]
        elif kind == "finding_category":
            row |= {"category": facts["new"], "points": facts["points"]}
        elif kind == "finding_segment":
            row["segment"] = facts["new"]
        elif kind == "withdrawn":
            row["counts"] = False

    def appeal(self, stream: str, kind: str, facts: Row) -> None:
        if kind == "lodged":
            self.appealed[stream] = facts["finding"]
        if kind not in ("decided", "final") or not facts["accepted"] or facts["month"] in self.fixed:
            return
        row = self.found[self.appealed[stream]]
        left = facts.get("points", "0.00")  # the leading group leaves nothing
        row |= {"points": left, "counts": row["counts"] and left != "0.00"}

    def file(self) -> list[dict[str, str]]:
        """Return the findings as the rows of a file; what does not count is a visit that found nothing."""
        return [
            {
                "found_at": row["found_at"],
                "segment_id": row["segment"],
                "category": row["category"] if row["counts"] else "",
                "points": row["points"] if row["counts"] else "",
                "inspector": "",
                "note": key,
            }
            for key, row in self.found.items()
        ]


def month_of(row: Row) -> str:
    return f"{datetime.fromisoformat(row['found_at']).astimezone(CITY):%Y-%m}"
