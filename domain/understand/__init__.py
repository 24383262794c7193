"""Understanding (理解) of a message: what it is for, what is wrong, how bad, and where; with reasons and a confidence.

Pure and offline. Words decide; the roster's names decide where; nothing is guessed: an answer that is not sure says so in
`decision` (act = go ahead, ask = one question to the sender, desk = the command seat looks at it).
"""

from domain.understand.gazetteer import Gazetteer
from domain.understand.understander import Hints, Problem, Understander, Understanding

__all__ = ["Gazetteer", "Hints", "Problem", "Understander", "Understanding"]
