import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ledger import GENESIS, Entry, Flaw, canonical, check_entry, commitment, entry_hash, head, sealed

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
STREAM = "case:2026-0001"
DAY = date(2026, 6, 1)
HASH = "c2c7004655d12f7232592fabbd8303d11d861ac441a70b781c7374c912d294ff"  # of the entry below

texts = st.text(max_size=12)
payloads = st.dictionaries(
    texts, st.one_of(st.none(), st.booleans(), st.integers(), texts, st.lists(texts, max_size=2)), max_size=3
)
chains = st.lists(
    st.tuples(st.sampled_from(["report", "acknowledge", "resolve", "pass"]), payloads), min_size=2, max_size=6
)


def chain(events: list[tuple[str, dict[str, object]]], stream: str = STREAM) -> list[Entry]:
    entries: list[Entry] = []
    for number, (kind, payload) in enumerate(events, 1):
        previous = entries[-1].hash if entries else GENESIS
        entries.append(sealed(stream, number, NOW + timedelta(minutes=number), kind, canonical(payload), previous))
    return entries


def first_flaw(entries: list[Entry]) -> Flaw | None:
    """Walk a stream as the audit does."""
    previous = GENESIS
    for number, entry in enumerate(entries, 1):
        if flaw := check_entry(entry, number, previous):
            return flaw
        previous = entry.hash
    return None


@settings(max_examples=40)
@given(chains)
def test_an_untouched_chain_is_valid(events: list[tuple[str, dict[str, object]]]) -> None:
    assert first_flaw(chain(events)) is None


@settings(max_examples=60)
@given(chains, st.data())
def test_any_edit_is_found_where_it_was_made(events: list[tuple[str, dict[str, object]]], data: st.DataObject) -> None:
    entries = chain(events)
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    edits = [
        replace(entry, at=entry.at + timedelta(microseconds=1)),
        replace(entry, kind=entry.kind + "x"),
        replace(entry, payload=entry.payload + " "),
        replace(entry, stream="case:2026-0002"),
        replace(entry, hash=GENESIS),
        replace(entry, prev="f" * 64),
        replace(entry, seq=entry.seq + 1),
    ]
    entries[place] = data.draw(st.sampled_from(edits))
    flaw = first_flaw(entries)
    assert flaw is not None
    assert flaw.seq == entry.seq


@settings(max_examples=40)
@given(chains, st.data())
def test_an_edit_with_a_new_hash_breaks_the_next_entry(
    events: list[tuple[str, dict[str, object]]], data: st.DataObject
) -> None:
    entries = chain(events)
    place = data.draw(st.integers(0, len(entries) - 2))
    old = entries[place]
    entries[place] = sealed(old.stream, old.seq, old.at, "void", old.payload, old.prev)
    flaw = first_flaw(entries)
    assert flaw is not None
    assert flaw.seq == old.seq + 1


@settings(max_examples=40)
@given(chains, st.data())
def test_a_deleted_or_swapped_entry_is_found(events: list[tuple[str, dict[str, object]]], data: st.DataObject) -> None:
    entries = chain(events)
    place = data.draw(st.integers(0, len(entries) - 2))
    deleted = entries[:place] + entries[place + 1 :]
    swapped = [*entries]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert first_flaw(deleted) == Flaw(STREAM, place + 1, "缺失，后面的记录编号不连续")
    assert first_flaw(swapped) is not None


@settings(max_examples=40)
@given(chains)
def test_a_cut_tail_is_found_by_the_head_alone(events: list[tuple[str, dict[str, object]]]) -> None:
    entries = chain(events)
    cut = entries[:-1]
    assert first_flaw(cut) is None
    published = head(GENESIS, DAY, [(STREAM, entries[-1].seq, entries[-1].hash)], 1)
    assert head(GENESIS, DAY, [(STREAM, cut[-1].seq, cut[-1].hash)], 1) != published


CHANGED = [("case:2026-0001", 3, "a" * 64), ("case:2026-0002", 1, "b" * 64), ("roster", 9, "c" * 64)]
PUBLISHED = head(GENESIS, DAY, CHANGED, 7)


@given(st.permutations(CHANGED))
def test_the_head_does_not_depend_on_the_order(changed: list[tuple[str, int, str]]) -> None:
    assert head(GENESIS, DAY, changed, 7) == PUBLISHED


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(head("1" * 64, DAY, CHANGED, 7), id="another previous head"),
        pytest.param(head(GENESIS, date(2026, 6, 2), CHANGED, 7), id="another day"),
        pytest.param(head(GENESIS, DAY, CHANGED, 6), id="a stream that vanished"),
        pytest.param(head(GENESIS, DAY, CHANGED[:2], 7), id="a stream left out"),
        pytest.param(head(GENESIS, DAY, [*CHANGED[:2], ("roster", 8, "c" * 64)], 7), id="a stream cut off"),
        pytest.param(head(GENESIS, DAY, [*CHANGED[:2], ("roster", 9, "d" * 64)], 7), id="a stream rewritten"),
        pytest.param(head(GENESIS, DAY, [], 7), id="nothing"),
    ],
)
def test_a_head_covers_everything(other: object) -> None:
    assert getattr(other, "hash") != PUBLISHED.hash  # noqa: B009 - a param, typed as object


def test_a_head_is_printed_by_its_first_sixteen_digits() -> None:
    assert PUBLISHED.hash.startswith(PUBLISHED.printed)
    assert len(PUBLISHED.printed) == 16


@given(payloads)
def test_canonical_text_is_the_same_for_any_order_and_reads_back(payload: dict[str, object]) -> None:
    text = canonical(payload)
    assert text == canonical(dict(reversed(payload.items())))
    assert json.loads(text) == payload
    assert "\n" not in text, "a line break would let one field run into the next"


def test_canonical_text_of_what_decisions_hold() -> None:
    held = {"points": Decimal("0.50"), "due": NOW, "day": DAY, "名": "赵强", "open": True, "none": None}
    assert canonical(held) == (
        '{"day":"2026-06-01","due":"2026-06-01T01:00:00+00:00","none":null,"open":true,"points":"0.50","名":"赵强"}'
    )


def test_the_hash_is_the_documented_one() -> None:
    # SHA-256 over "prev\nstream\nseq\ninstant\nkind\npayload", computed with sha256sum
    assert entry_hash(STREAM, 1, NOW, "report", "{}", GENESIS) == HASH


def test_an_instant_in_another_zone_is_another_text() -> None:
    moved = NOW.astimezone(timezone(timedelta(hours=8)))
    assert moved == NOW
    assert entry_hash(STREAM, 1, moved, "report", "{}", GENESIS) != HASH, "entries are to be sealed in UTC"


@given(st.text(alphabet="0123456789abcdef", min_size=8, max_size=32), texts, texts)
def test_a_commitment_binds_and_hides(salt: str, value: str, other: str) -> None:
    made = commitment(salt, value)
    assert commitment(salt, value) == made
    assert (commitment(salt, other) == made) is (other == value)
    assert commitment(salt + "0", value) != made
    assert len(made) == 64


def test_a_flaw_reads_as_a_sentence() -> None:
    assert (
        str(Flaw(STREAM, 4, "内容与校验值不符，记录被改动"))
        == "台账 case:2026-0001 第4条：内容与校验值不符，记录被改动"
    )
