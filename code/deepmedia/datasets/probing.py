"""Whether hosts answer now, in a few seconds at most."""

import threading
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

LIMIT_S = 3.0  # for all hosts together: they are asked side by side
FRESH_S = 60.0  # how long an answer is believed

_answers: dict[str, tuple[float, bool]] = {}  # host -> when it was asked, whether it answered


def reachable(urls: Iterable[str]) -> set[str]:
    """Those of the addresses whose host answers now.

    Each host is asked for the header of one of its addresses. It counts as
    reachable if it answers within `LIMIT_S` that the file is there. Answers
    are kept for `FRESH_S`, so asking again costs nothing.
    """
    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(urlsplit(url).netloc, []).append(url)
    _ask({host: addresses[0] for host, addresses in by_host.items() if not _is_fresh(host)})
    return {url for host, addresses in by_host.items() if _answers[host][1] for url in addresses}


def _is_fresh(host: str) -> bool:
    return host in _answers and time.monotonic() - _answers[host][0] < FRESH_S


def _ask(urls: dict[str, str]) -> None:
    """Ask all hosts at once. Threads, since a look-up of a name obeys no time limit."""
    answered: set[str] = set()
    threads = [threading.Thread(target=_probe, args=(*entry, answered), daemon=True) for entry in urls.items()]
    end = time.monotonic() + LIMIT_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    for host in urls:
        _answers[host] = (time.monotonic(), host in answered)


def _probe(host: str, url: str, answered: set[str]) -> None:
    import requests

    try:
        status = requests.head(url, timeout=LIMIT_S, allow_redirects=True).status_code
    except (OSError, ValueError):  # more than requests' own errors: certificates that are lost, a proxy's bad address
        return
    if status < 400 or status == 405:  # 405: there, but answers no HEAD
        answered.add(host)
