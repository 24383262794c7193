import base64
import hashlib
from collections.abc import Mapping

import pytest

from bot.fakes.rules import Fault
from bot.fakes.wecom.uploads import Uploads
from bot.platforms.http import Answer
from bot.platforms.wecom.upload import CHUNK, Upload, upload
from domain.messages import OutcomeUnknown, PlatformError, PlatformUnreachable, RateLimited, Undeliverable
from tests.bot.platforms.wecom.line_rig import rigged
from tests.bot.platforms.wecom.stage import Clock

BIG = bytes(range(256)) * 5_000  # 1.28 MB, three pieces
CHUNKS = "/ws/aibot_upload_media_chunk"


class Gateway:
    """The fake's uploads behind answers that the test spoils; `asked` notes (cmd, piece)."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.uploads = Uploads(self.clock)
        self.asked: list[tuple[str, object]] = []
        self.spoil: dict[int, PlatformError] = {}  # by the number of the question

    async def ask(self, cmd: str, body: Mapping[str, object]) -> Answer:
        self.asked.append((cmd.removeprefix("aibot_upload_media_"), body.get("chunk_index")))
        said = self.uploads.answer(cmd, body)
        assert said is not None
        if error := self.spoil.pop(len(self.asked), None):
            raise error
        inner = said.get("body")
        return Answer(200, {**(inner if isinstance(inner, dict) else {}), "errcode": said["errcode"]})


async def yes() -> bool:
    return True


@pytest.mark.parametrize("size", [6, CHUNK, CHUNK + 1, len(BIG)])
async def test_a_file_arrives_as_it_was(size: int) -> None:
    gateway = Gateway()
    media_id = await upload(gateway.ask, Upload("image", "a.png", BIG[:size]))
    assert gateway.uploads.files == {media_id: BIG[:size]}
    pieces = [index for cmd, index in gateway.asked if cmd == "chunk"]
    assert pieces == list(range(-(-size // CHUNK)))  # from 0


async def test_a_cut_upload_goes_on_where_it_was() -> None:
    gateway, job = Gateway(), Upload("file", "a.docx", BIG)
    gateway.spoil = {3: OutcomeUnknown("cut")}  # the second piece arrived, its answer did not
    with pytest.raises(OutcomeUnknown):
        await upload(gateway.ask, job)
    media_id = await upload(gateway.ask, job)
    assert [index for cmd, index in gateway.asked if cmd == "chunk"] == [0, 1, 1, 2]
    assert gateway.uploads.files[media_id] == BIG


async def test_it_goes_on_by_itself_when_the_line_comes_back() -> None:
    gateway = Gateway()
    gateway.spoil = {2: PlatformUnreachable("away"), 4: OutcomeUnknown("cut")}
    media_id = await upload(gateway.ask, Upload("file", "a.docx", BIG), reconnected=yes)
    assert gateway.uploads.files[media_id] == BIG


async def test_an_upload_that_is_no_longer_known_begins_anew() -> None:
    gateway, job = Gateway(), Upload("file", "a.docx", BIG)
    gateway.spoil = {3: PlatformUnreachable("away")}
    with pytest.raises(PlatformUnreachable):
        await upload(gateway.ask, job)
    gateway.clock.advance(1_800)
    media_id = await upload(gateway.ask, job)
    assert [cmd for cmd, _ in gateway.asked].count("init") == 2
    assert gateway.uploads.files[media_id] == BIG


async def test_cuts_without_end_are_given_up_for_now() -> None:
    gateway = Gateway()
    gateway.spoil = {number: PlatformUnreachable("away") for number in range(1, 20)}
    with pytest.raises(PlatformUnreachable):
        await upload(gateway.ask, Upload("file", "a.docx", BIG), reconnected=yes)


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        pytest.param("file", 5, id="too small"),
        pytest.param("voice", (2 << 20) + 1, id="voice too large"),
        pytest.param("image", (10 << 20) + 1, id="image too large"),
        pytest.param("sticker", 100, id="no such kind"),
    ],
)
async def test_what_the_platform_never_takes_is_not_begun(kind: str, size: int) -> None:
    gateway = Gateway()
    with pytest.raises(Undeliverable):
        await upload(gateway.ask, Upload(kind, "a", b"x" * size))
    assert gateway.asked == []


async def test_over_the_line_at_most_thirty_a_minute() -> None:
    async with rigged() as rig:
        await rig.live(rig.start())
        rig.fake.rules.arm(Fault("empty", CHUNKS, is_carried_out=True))
        media_id = await upload(rig.line.ask, Upload("image", "a.png", BIG), reconnected=yes)
        assert rig.fake.gateway.files[media_id] == BIG
        for _ in range(29):
            await upload(rig.line.ask, Upload("image", "a.png", BIG[:100]))
        with pytest.raises(RateLimited):
            await upload(rig.line.ask, Upload("image", "a.png", BIG[:100]))


def test_the_fake_checks_what_it_is_given() -> None:
    uploads = Uploads(Clock())
    head = {"type": "file", "filename": "a", "total_size": 6, "total_chunks": 1}
    begun = uploads.answer("aibot_upload_media_init", {**head, "md5": hashlib.md5(b"other!").hexdigest()})
    assert begun is not None
    inner = begun["body"]
    assert isinstance(inner, dict)
    named = {"upload_id": inner["upload_id"]}
    piece = {**named, "chunk_index": 0, "base64_data": base64.b64encode(b"abcdef").decode()}
    assert _code(uploads, "finish", named) == 40058  # nothing has come yet
    assert _code(uploads, "chunk", {**piece, "chunk_index": 1}) == 40058
    assert _code(uploads, "chunk", {**piece, "base64_data": "?"}) == 40058
    assert (_code(uploads, "chunk", piece), _code(uploads, "chunk", piece)) == (0, 0)
    assert _code(uploads, "finish", named) == 301019
    assert _code(uploads, "chunk", {"upload_id": "x"}) == 40058


def _code(uploads: Uploads, step: str, body: Mapping[str, object]) -> object:
    said = uploads.answer(f"aibot_upload_media_{step}", body)
    assert said is not None
    return said["errcode"]
