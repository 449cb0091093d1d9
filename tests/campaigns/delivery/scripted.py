"""A server of a few lines that behaves as badly as it is told, for what a decent one cannot do."""

from __future__ import annotations

import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

HANG_UP = ""
SILENCE = "…"
REPLIES = {"EHLO": "250 scripted.test", "DATA": "354 go on", "QUIT": "221 bye"}


@dataclass
class Script:
    """`replies` by command, used up from the left, `.` for the end of a message; else the usual one."""

    replies: dict[str, list[str]] = field(default_factory=dict)
    greetings: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    after_message: Callable[[int], None] = lambda number: None

    def reply(self, command: str) -> str:
        planned = self.replies.get(command)
        return planned.pop(0) if planned else REPLIES.get(command, "250 2.0.0 fine")

    def options(self, **more: Any) -> dict[str, Any]:
        usual = {"username": "", "password": "", "use_tls": False, "use_ssl": False, "timeout": 2}
        return {"host": "127.0.0.1", "port": self.port, **usual, **more}


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    script: Script


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        script = self.server.script
        script.connections += 1
        if not self.say(script.greetings.pop(0) if script.greetings else "220 scripted.test"):
            return
        while line := self.rfile.readline():
            command = line.split()[0].decode().upper()
            script.commands.append(command)
            reply = script.reply(command)
            if not self.say(reply) or command == "QUIT" or reply.startswith("421"):
                return
            if reply.startswith("354") and not self.say(self.read_message(script)):
                return

    def read_message(self, script: Script) -> str:
        while line := self.rfile.readline():
            if line == b".\r\n":
                break
        script.commands.append(".")
        script.after_message(script.commands.count("."))
        return script.reply(".")

    def say(self, reply: str) -> bool:
        if reply == SILENCE:
            self.rfile.read()
            return False
        if reply:
            self.wfile.write(reply.encode() + b"\r\n")
        return bool(reply)


@contextmanager
def speaking(**replies: list[str]) -> Iterator[Script]:
    script = Script(replies={("." if name == "END" else name): list(lines) for name, lines in replies.items()})
    with Server(("127.0.0.1", 0), Conversation) as server:
        server.script = script
        script.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
