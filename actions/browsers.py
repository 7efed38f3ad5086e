"""What browser somebody uses, in words for people."""

from functools import lru_cache

from ua_parser import parse


@lru_cache(1000)
def describe_browser(user_agent: str | None) -> str | None:
    """ "Firefox 132 on Windows"; None if the User-Agent says nothing that is known."""
    if not user_agent:
        return None
    found = parse(user_agent)
    browser, system = found.user_agent, found.os
    if browser is None and system is None:
        return None
    name = " ".join(filter(None, (browser.family, browser.major))) if browser else "A browser"
    return f"{name} on {system.family}" if system else name
