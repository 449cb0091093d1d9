"""The web process as it is deployed, and how many requests a second it answers."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path

import psutil

from bench.report import Figures
from bench.rig import ROOT, CannotMeasure, Rig, of_machine
from tests.deploy import compose
from tests.services import free_port

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"
THREADS = 2
PATIENCE_SECONDS = 30
DONE = re.compile(r"(\d+) requests in ([\d.]+)s")
REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)|(?:connect|read|write|timeout) (\d+)")
# Each thread takes every so manyth address, so that none is opened twice before all were.
SCRIPT = """
local number = 0
function setup(thread) thread:set("at", number) number = number + 1 end
function init(words)
  paths = {}
  for line in io.lines(words[1]) do paths[#paths + 1] = line end
  headers = {["User-Agent"] = "BROWSER"}
  if words[2] == "POST" then headers["Content-Type"], body = "FORM", "BODY" end
  method = words[2]
end
function request()
  local path = paths[at % #paths + 1]
  at = at + THREADS
  return wrk.format(method, path, headers, body)
end
"""


@dataclass(frozen=True)
class Site:
    port: int
    folder: Path
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Of its workers, none of which has ended."""
        used = [process.cpu_times() for process in self.process.children()]
        return float(sum(one.user + one.system for one in used))

    def load(self, method: str, paths: Sequence[str], connections: int, seconds: int) -> Figures:
        """By wrk, or by threads of ours, which take more of the cores that they share with the site."""
        program = shutil.which("wrk")
        if not program:
            return self._load_by_threads(method, paths, connections, seconds)
        listed, script = self.folder / "paths", self.folder / "load.lua"
        listed.write_text("\n".join(paths), encoding="ascii")
        words = {"BROWSER": BROWSER, "FORM": FORM, "BODY": ONE_CLICK, "THREADS": str(THREADS)}
        script.write_text(re.sub("|".join(words), lambda found: words[found[0]], SCRIPT), encoding="ascii")
        command = [program, f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", f"--timeout={PATIENCE_SECONDS}s"]
        command += ["-s", str(script), f"http://127.0.0.1:{self.port}/", "--", str(listed), method]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not (sums := DONE.search(done.stdout)):
            raise CannotMeasure(f"wrk says: {done.stdout}{done.stderr}")
        errors = sum(int(first or second) for first, second in REFUSED.findall(done.stdout))
        return {"messages": int(sums[1]), "seconds": float(sums[2]), "errors": errors}

    def _load_by_threads(self, method: str, paths: Sequence[str], connections: int, seconds: int) -> Figures:
        begun = time.monotonic()
        end = begun + seconds
        with ThreadPoolExecutor(connections) as threads:
            parts = [islice(paths, number, None, connections) for number in range(connections)]
            found = list(threads.map(lambda part: self._open_all(method, list(part), end), parts))
        return {
            "messages": sum(done for done, _errors in found),
            "seconds": time.monotonic() - begun,
            "errors": sum(errors for _done, errors in found),
        }

    def _open_all(self, method: str, paths: Sequence[str], end: float) -> tuple[int, int]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        headers = {"User-Agent": BROWSER} | ({"Content-Type": FORM} if method == "POST" else {})
        done = errors = 0
        while time.monotonic() < end:
            try:
                connection.request(method, paths[done % len(paths)], ONE_CLICK if method == "POST" else None, headers)
                response = connection.getresponse()
                response.read()
                errors += response.status >= 400
            except (OSError, HTTPException):
                connection.close()
                errors += 1
            done += 1
        return done, errors


@contextmanager
def serving(rig: Rig, database: str, **settings: str) -> Iterator[Site]:
    port = free_port()
    command = [*compose.command("web", {"0.0.0.0:8000": f"127.0.0.1:{port}"}), "--log-level", "warning"]
    environment = (
        of_machine() | rig.environment(database) | {"DJANGO_SETTINGS_MODULE": "bench.site_settings"} | settings
    )
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        wait_for(port)
        yield Site(port, rig.folder, psutil.Process(process.pid))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise CannotMeasure("The web process does not start.")
