"""What operators read when documents could not be made."""

from domain.month import title_of

_WHAT = {"bulletin": "通报的图片和附件", "summary": "日督查的图片和明细表", "order": "督办单"}


def failed(key: str, reason: str) -> str:
    """Return that documents are missing from a post, which goes out as text, and how to make up for them."""
    kind, _, rest = key.partition(":")
    subject = rest.partition(":")[0] if kind == "bulletin" else rest
    if kind == "order":
        return f"督办单没有做成：{reason}消息已照常发出。补做：luzhang report order 编号。"
    if kind == "pair":
        return f"整改前后对比图没有做成：{reason}消息已照常发出，只少这张图。"
    again = f"luzhang report {'month' if kind == 'bulletin' else 'daily'} --period {subject}"
    return f"{title_of(subject)}{_WHAT.get(kind, '文件')}没有做全：{reason}消息照常发出，只少这些文件。补做：{again}。"
