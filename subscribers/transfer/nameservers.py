"""Asks the DNS which domains take mail, of many at once and only for so long."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from django.conf import settings
from dns.exception import DNSException
from dns.name import Name, from_text, root
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

# By name; None of those that nobody told about in time.
Verdicts = dict[str, bool | None]
Ask = Callable[[Collection[str]], Verdicts]

AT_ONCE: Final = 32
SECONDS: Final = 10.0
SECONDS_FOR_EACH: Final = 2.0


def ask(names: Collection[str]) -> Verdicts:
    verdicts: Verdicts = dict.fromkeys(names)
    try:
        resolver = _resolver()
    except DNSException:
        # This machine knows no name server.
        return verdicts
    with ThreadPoolExecutor(AT_ONCE) as asking:
        asked: dict[Future[bool | None], str] = {asking.submit(takes_mail, name, resolver): name for name in names}
        answered, _late = wait(asked, timeout=SECONDS)
        asking.shutdown(wait=False, cancel_futures=True)
    return verdicts | {asked[answer]: answer.result() for answer in answered}


def takes_mail(name: str, resolver: Resolver) -> bool | None:
    """By its MX records, which may say that it takes none (RFC 7505); without any, by its address (RFC 5321 §5.1)."""
    domain = from_text(name)
    try:
        found = resolver.resolve(domain, "MX", lifetime=SECONDS_FOR_EACH)
        return any(record.exchange != root for record in found)
    except NXDOMAIN:
        return False
    except NoAnswer:
        return _has_address(domain, resolver)
    except DNSException:
        return None


def _has_address(domain: Name, resolver: Resolver) -> bool | None:
    for kind in ("A", "AAAA"):
        try:
            resolver.resolve(domain, kind, lifetime=SECONDS_FOR_EACH)
            return True
        except NoAnswer:
            continue
        except DNSException:
            return None
    return False


def _resolver() -> Resolver:
    """Raises DNSException."""
    servers = settings.DNS_SERVERS
    resolver = Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [Do53Nameserver(address, port) for address, port in servers]
    return resolver
