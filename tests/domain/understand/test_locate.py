"""Places: which segment the words mean, and when a person must be asked."""

import pytest

from domain.understand import Hints, Understander

NOBODY = Hints()


def segment(understander: Understander, words: str, hints: Hints = NOBODY) -> str | None:
    return understander.understand(f"{words}有垃圾没人扫", hints).segment


def candidates(understander: Understander, words: str) -> set[str]:
    return {code for code, _, _ in understander.see(f"{words}有垃圾没人扫").location.candidates}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        pytest.param("长江路建设路口往北200米", "QY042", id="north of a crossing, on the first road"),
        pytest.param("建设路长江路口往西50米", "QY010", id="west of it"),
        pytest.param("黄河路建设路口往东一百米路北", "QY014", id="a direction only the second road has, and a side"),
        pytest.param("和平路光明街路口向南走一百米", "QY059", id="south, written at length"),
        pytest.param("长江路建设路以南", "QY043", id="以南"),
        pytest.param(
            "建设路黄河路口往西1100米", None, id="farther than the segment is long: the next one, two-sided no more"
        ),
        pytest.param("和平路从长江路到工农路", "QY019", id="between two crossings"),
        pytest.param("建设路黄河路到光明街之间北侧", "QY014", id="between, and a side"),
        pytest.param("建设路12号", "QY010", id="a house number"),
        pytest.param("建设路168号", "QY013", id="even numbers lie south"),
        pytest.param("建设路171号", "QY012", id="odd numbers lie north"),
        pytest.param("柳林建设路卫生院门口", "QY073", id="a township tells same names apart"),
        pytest.param("石佛幸福路", "QY082", id="a township, a road of one segment"),
        pytest.param("豫剧院对面", "QY014", id="across the road from a landmark"),
        pytest.param("工行门口", "QY013", id="a bank's short form"),
        pytest.param("八中门口", "QY056", id="a school's short form"),
        pytest.param("三院门口", "QY011", id="a hospital's short form"),
        pytest.param("万达后街", "QY021", id="an ending left out"),
        pytest.param("中州大道加油站门口", "QY026", id="a plain kind of place on a named road"),
        pytest.param("东丰路", "QY086", id="a road that sounds like another"),
        pytest.param("建社路二高门口", "QY016", id="a road written by its sound"),
        pytest.param("不是建设路二高，是万达广场", "QY021", id="what is denied does not count"),
        pytest.param("市二高", "QY016", id="市 before a name"),
        pytest.param("黄河路农行门口", "QY053", id="a bank's branch"),
        pytest.param("农行黄河路支行隔壁", "QY053", id="a bank's branch by its short name"),
        pytest.param("建设路171号对面", "QY013", id="across the road from a house number"),
        pytest.param("建设路168号楼道口", "QY013", id="the stairs of a house, no house of a yard"),
        pytest.param("客运南站门口", "QY025", id="a coach station by another of its names"),
        pytest.param("万答广场后门", "QY021", id="a landmark written by its sound"),
        pytest.param("交警答复归水利局管，万达门口", "QY021", id="an office that should act is no place"),
        pytest.param("请公安局来人，锦绣花园门口", "QY017", id="nor is one that is asked to come"),
    ],
)
def test_words_that_mean_one_segment(second: Understander, words: str, wanted: str | None) -> None:
    if wanted is not None:
        assert segment(second, words) == wanted
    else:
        assert candidates(second, words) == {"QY011"}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("建设路", id="a road of many segments"),
        pytest.param("供销社门口", id="a plain kind of place, though the roster holds one only"),
        pytest.param("这段归柳林镇正府院的", id="a township whose name runs on into what sounds like its office"),
        pytest.param("建设路黄河路口", id="a crossing"),
        pytest.param("建设路黄河路口往东50米", id="both sides of one stretch"),
        pytest.param("建设路与工农路交叉口东北角", id="a corner of two roads"),
        pytest.param("光明街书院街口", id="a side road that meets a segment in its middle"),
        pytest.param("幸福路", id="one name in two townships"),
        pytest.param("加油站门口", id="a plain kind of place"),
        pytest.param("第二人民医院门口", id="another hospital than the roster's"),
        pytest.param("老人民医院门口", id="an old site of the same name"),
        pytest.param("解放路小学门口", id="a road the roster does not know"),
        pytest.param("胜利路人民医院门口", id="a landmark on an unknown road"),
        pytest.param("建设路900号", id="a number beyond every segment"),
        pytest.param("一中午", id="noon is no school"),
        pytest.param("二小时", id="two hours are no school"),
        pytest.param("排水公司门口", id="the end of a longer name inside another"),
        pytest.param("万达广场对面小商品城", id="two places on two roads"),
        pytest.param("", id="no place at all"),
    ],
)
def test_nothing_is_guessed(second: Understander, words: str) -> None:
    assert segment(second, words) is None


def test_a_crossing_offers_all_its_arms(town: Understander) -> None:
    assert candidates(town, "洧水路郑新路口") == {"XZ084", "XZ085", "XZ007", "XZ008"}


def test_a_corner_offers_the_two_arms_that_form_it(town: Understander) -> None:
    assert candidates(town, "人民路与解放路口东北角") == {"XZ062", "XZ009"}


@pytest.mark.parametrize(
    ("words", "hints", "wanted"),
    [
        pytest.param("幸福路", Hints(township="石佛乡"), "QY082", id="the group's township settles a same name"),
        pytest.param("幸福路", Hints(sender_segment="QY076"), "QY075", id="else the sender's"),
        pytest.param(
            "建设路黄河路口", Hints(sender_segment="QY014"), "QY014", id="a crossing of the sender's own segment"
        ),
        pytest.param("建设路黄河路口", Hints(sender_segment="QY090"), None, id="not of his: ask"),
        pytest.param("万达广场", Hints(sender_segment="QY090"), "QY021", id="words beat the sender"),
        pytest.param("", Hints(sender_segment="QY090"), "QY090", id="no place: the sender's own segment"),
        pytest.param("", Hints(sender_segment="nobody"), None, id="a sender's segment the roster does not have"),
    ],
)
def test_hints_settle_what_words_leave_open(second: Understander, words: str, hints: Hints, wanted: str | None) -> None:
    assert segment(second, words, hints) == wanted


def test_the_words_of_the_place_are_kept_as_written(town: Understander) -> None:
    found = town.understand("人民路新华路口往东50米，烧烤店占道经营")
    assert found.location_text == "人民路新华路口往东50米"
