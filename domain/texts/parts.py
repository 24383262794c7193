"""The line about pictures and files that a channel did not take."""

from collections.abc import Sequence


def not_attached(photos: int, files: Sequence[str], reasons: Sequence[str]) -> str:
    """Return what could not be sent along, why, and how to get it. reasons: each once, Chinese."""
    what = [f"照片{photos}张"] if photos else []
    why = "；".join(reason.rstrip("。") for reason in reasons if reason)
    because = f"原因：{why}。" if why else ""
    return f"以下附件未能发送：{'、'.join([*what, *files])}。{because}需要时请向市路长办索取。"
