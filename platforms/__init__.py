"""The platforms that customers write on. A new one is a folder beside these and a line in ADAPTERS."""

from platforms.base import Adapter
from platforms.facebook import Facebook
from platforms.instagram import Instagram

ADAPTERS: dict[str, Adapter] = {adapter.name: adapter for adapter in (Facebook(), Instagram())}
