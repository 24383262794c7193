"""`luzhang rules diff A B`: what differs between two rule books, before one takes the other's place."""

from pathlib import Path

from bot.commands.session import OK, read_day, require_file, say
from domain.categories import Categories
from domain.comparison import compare_books
from domain.rulebook import RuleBook, load_rules
from domain.texts import comparison


def diff(before: Path, after: Path, on: str | None) -> int:
    """Print the categories whose points or clause differ; of files with several versions the one in force on a day.

    Without a day each file's latest version. Raises TableError for a file that is no rule book.
    """
    categories = Categories.load()
    names = {row.code: row.name for row in categories.rows}
    old, new = (_book(file, names, on) for file in (before, after))
    for line in comparison.books(old, new, compare_books(old, new), names):
        say(line)
    return OK


def _book(file: Path, names: dict[str, str], on: str | None) -> RuleBook:
    require_file(file)
    books = load_rules(names, file)
    return books.on(read_day(on, "--on")) if on else books.versions[-1]
