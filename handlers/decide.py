"""decide: one message and what is known → everything that changes. The order of matching is the order below."""

from dataclasses import replace

from domain.authority import roles_of
from domain.case import Case, Event
from domain.casework import handling
from domain.casework.work import Work
from domain.effects import Effects, Notice, ToPerson
from domain.errors import NotAllowed, RuleError
from domain.heard import Heard
from domain.messages import Kind
from domain.ports import View
from domain.roster import Role
from domain.rules import Rules
from domain.texts import reporter
from domain.understand import Understanding
from handlers import answer, asking, here, instruct, pictures, query, recall, report, taps, walking
from handlers.choosing import mine_in_hand
from handlers.matching import Spoken, may_speak, normalise, only_numbers, spoken
from handlers.table import BY_KEY, COMMANDS, OPENINGS, Command
from handlers.talk import Talk

_SILENT_KINDS = frozenset({Kind.OTHER, Kind.VIDEO, Kind.FILE})
_INTENT_COMMANDS = {"ack": "acknowledge", "resolve": "resolve", "reassign": "give_back", "extend": "extend"}
_EVENTS = {
    "acknowledge": Event.ACKNOWLEDGE,
    "resolve": Event.RESOLVE,
    "give_back": Event.RETURN,
    "extend": Event.ASK_EXTENSION,
}
_DOING = frozenset(word for key in _EVENTS for word in (key, *BY_KEY[key].words.words))
_OWNER_WORDS = ("谁负责", "路长是谁", "归谁", "谁值班", "谁管", "哪个路长", "责任人")
_GREETINGS = frozenset({"你好", "您好", "在吗", "在不在", "早上好", "上午好", "下午好", "晚上好", "hi", "Hi", "hello"})
_PRIVATE_MATTERS = ("举报", "投诉", "信访", "上访")
_ABOUT_STAFF = ("队员", "城管打", "执法人员", "收钱", "受贿", "态度恶劣", "乱收费", "干部", "工作人员")


async def decide(heard: Heard, view: View, rules: Rules) -> Effects:
    """Return what a message changes. A RuleError becomes its polite answer and changes nothing else."""
    talk = Talk(heard, Work(view, rules))
    effects = await _decided(talk)
    did_nothing = all(event.kind == Event.REFUSED for event in effects.events)
    if heard.incoming.sender_is_outsider and talk.spoken.word in _DOING and did_nothing:
        return await _unidentified(talk, effects)
    return effects


async def _unidentified(talk: Talk, effects: Effects) -> Effects:
    """Tell somebody whom the platform does not identify, once, why a command of his does nothing."""
    claim = ("needs_staff_id", talk.me)
    if not await talk.work.view.claimed(*claim):
        effects.notices = [talk.reply(reporter.needs_staff_id(), about=talk.subject)]
        effects.claims.append(claim)
    return effects


async def _decided(talk: Talk) -> Effects:
    try:
        return await _dispatch(talk)
    except NotAllowed as refusal:
        effects = talk.say(refusal.text, about=talk.subject)
        if talk.subject is not None:
            effects.merge(handling.refused_attempt(talk.subject, talk.me, talk.spoken.word))
        return effects
    except RuleError as refusal:
        return talk.say(refusal.text, about=talk.subject)


async def _dispatch(talk: Talk) -> Effects:
    incoming = talk.heard.incoming
    if (done := await _wordless(talk, incoming.kind)) is not None:
        return done
    has_photos = bool(incoming.photos) or bool(talk.photos)
    if has_photos and not incoming.text.strip():
        return await pictures.run(talk)
    if (answered := await _answer(talk)) is not None:
        return answered
    text = normalise(incoming.text)
    if numbers := only_numbers(text):
        talk.spoken = Spoken("case", numbers, "")
        return await BY_KEY["case"].run(talk)
    for command in COMMANDS if may_speak(text, OPENINGS) else ():
        if (said := spoken(text, command.words)) is not None and await _is_meant(talk, command, said):
            talk.spoken = said
            return await command.run(talk)
    return await _by_intent(talk)


async def _wordless(talk: Talk, kind: Kind) -> Effects | None:
    """Return what follows from a message whose kind says it all, None where words or pictures count."""
    point = talk.heard.incoming.coordinates
    if kind is Kind.ENTERED:
        return await BY_KEY["help"].run(talk)
    if kind is Kind.CHOICE:
        return await taps.run(talk, _perform)
    if kind is Kind.RECALLED:
        return await recall.run(talk)
    if kind is Kind.LOCATION and point is not None:
        return await here.run(talk, point)
    if kind in _SILENT_KINDS:
        return talk.say_private("暂不支持这种消息，请发文字或照片。")
    return None


async def _is_meant(talk: Talk, command: Command, said: Spoken) -> bool:
    """Tell whether a word that may also begin a report (劝阻无效，滨河公园烧烤占道) is a command here."""
    if command.is_meant is not None:
        return command.is_meant(talk, said)
    u = talk.heard.understanding
    is_report = u.intent == "report" and u.category and (u.segment or u.location_text)
    if not is_report or not said.rest or said.numbers or talk.heard.incoming.quote:
        return True
    if command.roles is None:
        return False
    is_theirs = command.roles & roles_of(talk.me, talk.work.roster, talk.work.day)
    return bool(is_theirs or await talk.work.view.in_hand(talk.me))


async def _answer(talk: Talk) -> Effects | None:
    question = await talk.question()
    if question is None:
        return None
    key = answer.chosen_key(question, talk.heard.text, talk.heard.incoming.choice)
    if key is None:
        return None
    return await answer.run(talk, question, key, _perform)


async def _perform(talk: Talk, key: str) -> Effects:
    return await BY_KEY[key].run(talk)


async def _by_intent(talk: Talk) -> Effects:
    """Do what free words mean; a doubtful message gets one polite line an hour, small talk silence."""
    if await walking.is_finding(talk):
        return await walking.run_found(talk)
    if (question := await asking.question_in(talk)) is not None:
        return await asking.run(talk, question)
    if instruct.is_instruction(talk):
        return await instruct.run(talk)
    if _is_private_matter(talk):
        return await _private_matter(talk)
    waiting = await report.recent(talk)
    if waiting is not None and report.is_waiting_for_place(waiting):
        joined = await _place_words(talk, waiting)
        if joined is not None:
            return joined
    return await _by_words(talk, waiting)


async def _by_words(talk: Talk, waiting: Case | None) -> Effects:
    u = talk.heard.understanding
    if u.intent == "report":
        return await report.run(talk)
    if u.intent == "supplement" and waiting is not None:
        return await report.join_words(talk, waiting)
    if u.intent in _INTENT_COMMANDS:
        return await _as_command(talk, _INTENT_COMMANDS[u.intent])
    if u.intent == "query":
        return await _query(talk)
    if talk.photos:
        return await pictures.run(talk)  # words that say nothing
    return await _silence_or_help(talk)


async def _place_words(talk: Talk, case: Case) -> Effects | None:
    """Take words that name a place as the answer to where a report is, unless they report something else."""
    u = talk.heard.understanding
    if not report.may_place(talk, case) or not u.location_text or _reports_else(talk, case):
        return None
    segment = talk.work.roster.segment(u.segment, talk.work.day) if u.segment else None
    if segment is None and not u.segment_candidates:
        return None
    effects = await report.join_photos(talk, case) if talk.photos else Effects()
    shown = effects.cases[-1] if effects.cases else case
    if segment is not None:
        return effects.merge(await report.place(talk, shown, segment))
    named = tuple(c[0] for c in u.segment_candidates)
    asked = replace(shown, candidates=named, version=shown.version + 1)
    effects.cases.append(asked)
    return effects.merge(report.ask_place(talk, asked))


def _reports_else(talk: Talk, case: Case) -> bool:
    """Tell whether words tell of another problem than `case`, not only of the stall or manhole where that one is."""
    u = talk.heard.understanding
    if u.intent != "report" or u.category in (None, "other", case.category) or u.decision == "desk":
        return False
    if u.decision == "act":
        return True
    return (bool(talk.photos) or u.is_hazard) and _names_another(u, case)


def _names_another(u: Understanding, case: Case) -> bool:
    """Tell whether words can't mean the problem of `case`; where none of them decided, by what they may be about."""
    if u.category_words:
        return not any(word in case.text for word in u.category_words)
    return case.category not in [code for code, _probability in u.category_candidates]


async def _as_command(talk: Talk, key: str) -> Effects:
    """Treat free words (好的这就去、已经清走了) as a command, only where the sender has a case they can mean."""
    talk.spoken = Spoken(key, (), normalise(talk.heard.text))
    quoted = await talk.quoted()
    held = await mine_in_hand(talk, _EVENTS[key])
    if quoted is None and not held:
        return Effects()
    if key == "acknowledge" and quoted is None and len(held) != 1:
        return Effects()
    return await BY_KEY[key].run(talk)


async def _query(talk: Talk) -> Effects:
    text = talk.heard.text
    if any(word in text for word in _OWNER_WORDS):
        return await query.run_owner(talk)
    if "排名" in text or "红旗" in text or "黑旗" in text:
        return await BY_KEY["standing"].run(talk)
    if await talk.quoted() is not None or talk.spoken.numbers:
        return await query.run_case(talk)
    if "报" in text or "名下" in text:
        return await query.run_mine(talk)
    return await _silence_or_help(talk)


def _is_private_matter(talk: Talk) -> bool:
    text = talk.heard.text
    return any(w in text for w in _PRIVATE_MATTERS) and any(w in text for w in _ABOUT_STAFF)


async def _private_matter(talk: Talk) -> Effects:
    office = talk.work.roster.holders(Role.OFFICE, None, talk.work.day)
    message = talk.heard.incoming.message_id
    text = f"有1件涉及人员的反映待人工受理，请联系{talk.work.w.name(talk.me)}了解，勿在群内讨论。"
    told = [Notice(f"private:{message}:{p}", ToPerson(p), text, "private_matter") for p in office]
    answer_key = f"private:{message}:reply"
    answered = Notice(answer_key, ToPerson(talk.me, talk.township), reporter.private_matter(), "private_matter")
    return Effects(notices=[*told, answered])


async def _silence_or_help(talk: Talk) -> Effects:
    """Say 未识别 once an hour to somebody who spoke to the bot, or greet him; thanks and other small talk get nothing."""
    u = talk.heard.understanding
    is_greeting = normalise(talk.heard.text).rstrip("。.!~ ") in _GREETINGS and not talk.is_group
    if u.intent in {"chatter", "notice", "ack", "resolve"} and not is_greeting:
        return Effects()
    contact = await talk.work.view.contact(talk.me)
    told = contact.unknown_told_at
    if told is not None and talk.work.now - told < talk.work.rules.waits.unknown:
        return Effects()
    effects = Effects(contacts=[replace(contact, unknown_told_at=talk.work.now)])
    return effects.merge(talk.say(_welcome(talk) if is_greeting else reporter.UNKNOWN))


def _welcome(talk: Talk) -> str:
    """Return what somebody hears who greets the bot in private, so that he sees that it is there."""
    has_post = bool(roles_of(talk.me, talk.work.roster, talk.work.day))
    return reporter.welcome(talk.work.w.name(talk.me) if has_post else "")
