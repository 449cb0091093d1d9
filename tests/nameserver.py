"""A name server on loopback that tells what a test says about domains."""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

MAIL = {"MX": ["10 mx.example.net."]}
NULL_MX = {"MX": ["0 ."]}
ADDRESS_ALONE = {"AAAA": ["2001:db8::1"]}
NOTHING: dict[str, list[str]] = {}
BROKEN, SILENT = "broken", "silent"

Zone = Mapping[str, Mapping[str, list[str]] | str]


class NameServer(socketserver.ThreadingUDPServer):
    """Knows nothing but its zone: other domains do not exist."""

    daemon_threads = True

    def __init__(self, zone: Zone) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.zone = dict(zone)
        self.asked: Counter[str] = Counter()

    @property
    def address(self) -> tuple[str, int]:
        return self.server_address


class Answering(socketserver.BaseRequestHandler):
    server: NameServer

    def handle(self) -> None:
        wire, socket = self.request
        answer = self.answer(dns.message.from_wire(wire))
        if answer:
            socket.sendto(answer.to_wire(), self.client_address)

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.server.asked[name] += 1
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        match self.server.zone.get(name):
            case "silent":
                return None
            case "broken":
                answer.set_rcode(dns.rcode.SERVFAIL)
            case None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            case records:
                if kind in records:
                    answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *records[kind]))
        return answer


@contextmanager
def serving(zone: Zone) -> Iterator[NameServer]:
    with NameServer(zone) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()
