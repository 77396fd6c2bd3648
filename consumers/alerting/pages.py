"""Where people see a post or an account on Weibo."""

_POST, _ACCOUNT = "https://m.weibo.cn/status/{}", "https://m.weibo.cn/u/{}"


def post_page(post_id: str) -> str:
    """The page of a post."""
    return _POST.format(post_id)


def account_page(uid: str) -> str:
    """The page of an account."""
    return _ACCOUNT.format(uid)
