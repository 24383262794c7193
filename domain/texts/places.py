"""How a rank moved since the month before."""


def change(rank: int | None, before: int | None) -> str:
    """Return 较上月↑3 for a better rank than the month before, "" without one to compare."""
    if rank is None or before is None:
        return ""
    moved = before - rank
    return "较上月持平" if not moved else f"较上月{'↑' if moved > 0 else '↓'}{abs(moved)}"
