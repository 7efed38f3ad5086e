"""HTTP to platforms: every call with timeouts, TLS checked, no proxy, no redirect followed unseen."""

import ssl
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from socket import IPPROTO_TCP, gaierror, getaddrinfo
from time import monotonic
from typing import BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3

TIMEOUT = urllib3.Timeout(connect=10, read=30)  # seconds
PIECE = 64 * 1024  # bytes
MOST_REDIRECTS = 3
NAT64 = IPv6Network("64:ff9b::/96")
DOWNLOAD_FOR = 90.0  # seconds in all


class DownloadRefused(Exception):
    """Why a file is not fetched, in words for people. It would be refused again."""


class DownloadFailed(Exception):
    """Why a file could not be fetched this time."""


@cache
def trusted() -> ssl.SSLContext:
    """The system's authorities. Given to urllib3 whole: to make one itself it would set what eventlet cannot."""
    return ssl.create_default_context()


@cache
def pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(num_pools=10, maxsize=20, retries=False, timeout=TIMEOUT, ssl_context=trusted())


def download(url: str, target: BinaryIO, most: int, private: frozenset[str] = frozenset()) -> None:
    """Copy what stands at a public https address into `target`, `most` bytes at the most.

    Each address on the way, redirects included, is looked up once, must be public, and is the one that is connected
    to. `private`: host:port of tests' own, which may be anything. Raises DownloadRefused or DownloadFailed.
    """
    until = monotonic() + DOWNLOAD_FOR
    for _ in range(MOST_REDIRECTS + 1):
        try:
            answer = _get(url, private)
        except urllib3.exceptions.HTTPError as error:
            raise DownloadFailed(f"its server cannot be reached ({type(error).__name__})") from None
        try:
            if answer.status not in (301, 302, 303, 307, 308):
                return _copy(answer, target, most, until)
            url = urljoin(url, answer.headers.get("Location", ""))
        finally:
            answer.close()
    raise DownloadRefused("it is redirected again and again")


def _get(url: str, private: frozenset[str]) -> urllib3.BaseHTTPResponse:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        raise DownloadRefused("its address is none") from None
    host = parts.hostname or ""
    is_ours = f"{host}:{port}" in private
    if parts.scheme != "https" and not is_ours:
        raise DownloadRefused("its address is not https")
    if parts.username or not host:
        raise DownloadRefused("its address is none")
    address = _address(host, port, is_ours)
    return _pool(parts, address, port).urlopen(
        "GET", _path(parts), headers={"Host": parts.netloc}, redirect=False, preload_content=False, retries=False
    )


def _pool(parts: SplitResult, address: str, port: int) -> urllib3.HTTPConnectionPool:
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT)
    host = parts.hostname
    return urllib3.HTTPSConnectionPool(
        address, port, timeout=TIMEOUT, ssl_context=trusted(), server_hostname=host, assert_hostname=host
    )


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _address(host: str, port: int, is_ours: bool) -> str:
    """The address to connect to. All that the name stands for must be public: the check and the connection agree."""
    try:
        found = [str(entry[4][0]) for entry in getaddrinfo(host, port, proto=IPPROTO_TCP)]
    except (gaierror, UnicodeError):
        raise DownloadFailed("its server is not found") from None
    if not is_ours and not all(_is_public(one) for one in found):
        raise DownloadRefused("its address is not public")
    return found[0]


def _is_public(address: str) -> bool:
    ip = ip_address(address.split("%")[0])
    if isinstance(ip, IPv6Address):
        if ip in NAT64 or ip.teredo or ip.sixtofour:
            return False  # they lead to an IPv4 address that nobody has looked at
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast


def _copy(answer: urllib3.BaseHTTPResponse, target: BinaryIO, most: int, until: float) -> None:
    if answer.status in (401, 403, 404, 410):
        raise DownloadRefused("it is no longer there")
    if answer.status != 200:
        raise DownloadFailed(f"its server answered {answer.status}")
    size = 0
    try:
        while piece := answer.read1(PIECE, decode_content=False):  # what has come, without waiting for more
            size += len(piece)
            if size > most:
                raise DownloadRefused(f"it is larger than {most // (1024 * 1024)} MB")
            if monotonic() > until:
                raise DownloadFailed("it comes too slowly")
            target.write(piece)
    except urllib3.exceptions.HTTPError as error:
        raise DownloadFailed(f"it broke off ({type(error).__name__})") from None


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer; 0 if there was none."""
    try:
        return pool().request("POST", url, body=body, headers=headers, redirect=False).status
    except urllib3.exceptions.HTTPError:
        return 0
