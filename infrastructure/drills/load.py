#!/usr/bin/env python3
"""Writes users through one address for as long as a file exists, and says afterwards which of them are missing.

    load.py write <url> <token> <folder> <writers> [<readers>]   until <folder>/stop is there; keeps <folder>/acknowledged.json
    load.py windows <folder>                          for how long nothing was acknowledged, by part that was killed
    load.py failed <folder>                           how many tries failed
    load.py missing <folder>                          reads the e-mail addresses that exist from standard input
    load.py contained <folder>                        the same, of a load that is not the only one

Each user has a key of its own (Idempotency-Key), so that a writer that got no answer may ask again and makes none twice.
"""

import json
import pathlib
import sys
import threading
import time
import urllib.error
import urllib.request

PATIENCE = 10
PAUSE = 0.02


class Writer(threading.Thread):
    """Makes one user after the other; each is tried until it is acknowledged or refused for good."""

    def __init__(self, number, url, token, folder):
        super().__init__(daemon=True)
        self.number, self.url, self.token, self.folder = number, url, token, folder
        self.acknowledged, self.failures = [], []

    def run(self):
        made, run = 0, time.time_ns() // 1_000_000
        while not (self.folder / "stop").exists():
            if self.make(f"load-{run}-{self.number}-{made}"):
                made += 1
            time.sleep(PAUSE)

    def make(self, name):
        body = json.dumps({"email": f"{name}@example.com", "full_name": "Under load"}).encode()
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": name,
        }
        began = time.time()
        try:
            request = urllib.request.Request(f"{self.url}/api/v2/users", body, headers)
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                answer.read()
                self.acknowledged.append((time.time(), f"{name}@example.com"))
                return True
        except urllib.error.HTTPError as error:
            self.failures.append((began, time.time(), str(error.code)))
        except OSError as error:
            self.failures.append((began, time.time(), type(error).__name__))
        return False


class Reader(Writer):
    """Reads pages of users, whoever made them; an answer that is no page is a failure too."""

    def make(self, _):
        request = urllib.request.Request(f"{self.url}/api/v2/users?limit=50", headers={"Authorization": f"Bearer {self.token}"})
        began = time.time()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                if all(user["email"] for user in json.load(answer)["data"]):
                    return True
            self.failures.append((began, time.time(), "a read without an address"))
        except urllib.error.HTTPError as error:
            self.failures.append((began, time.time(), f"read {error.code}"))
        except (OSError, ValueError, KeyError) as error:
            self.failures.append((began, time.time(), f"read {type(error).__name__}"))
        return False


def write(url, token, folder, writers, readers=0):
    folder = pathlib.Path(folder)
    threads = [Writer(number, url, token, folder) for number in range(int(writers))]
    threads += [Reader(number, url, token, folder) for number in range(int(readers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    acknowledged = sorted(entry for thread in threads for entry in thread.acknowledged)
    failures = sorted(entry for thread in threads for entry in thread.failures)
    (folder / "acknowledged.json").write_text(json.dumps(acknowledged))
    (folder / "failures.json").write_text(json.dumps(failures))


def told(began, ended, code):
    """When a try was known to fail: as its answer came, or else as it began, since the wait is the writer's own."""
    return ended if code.removeprefix("read ").isdigit() else began


def windows(folder):
    """One line for each line of <folder>/events: `<time> <what was done>`."""
    folder = pathlib.Path(folder)
    acknowledged = sorted(at for at, _ in json.loads((folder / "acknowledged.json").read_text()))
    failures = json.loads((folder / "failures.json").read_text())
    events = [line.split(" ", 1) for line in (folder / "events").read_text().splitlines()]
    times = [float(at) for at, _ in events] + [float("inf")]
    print(f"  {'':<56} no write for   failed tries")
    for (at, what), end in zip(events, times[1:]):
        begin = float(at)
        # A silence that goes on is counted in both, here until the next begins.
        until = [] if end == float("inf") else [end]
        inside = [begin] + [time for time in acknowledged if begin <= time < end] + until
        gap = max((after - before for before, after in zip(inside, inside[1:])), default=0)
        failed = [code for started, ended, code in failures if begin <= told(started, ended, code) < end]
        codes = ", ".join(f"{failed.count(code)} x {code}" for code in sorted(set(failed))) or "none"
        print(f"  {what:<56} {gap:5.2f} s   {codes}")
    print(f"  acknowledged in all: {len(acknowledged)}")


def failed(folder):
    """How many tries failed."""
    print(len(json.loads((pathlib.Path(folder) / "failures.json").read_text())))


def missing(folder):
    acknowledged = {address for _, address in json.loads((pathlib.Path(folder) / "acknowledged.json").read_text())}
    found = [line.strip() for line in sys.stdin if line.strip()]
    lost, twice = acknowledged - set(found), len(found) - len(set(found))
    print(f"  acknowledged and lost: {len(lost)}; there twice: {twice}; there without an acknowledgement: {len(set(found) - acknowledged)}")
    sys.exit(1 if lost or twice or not acknowledged else 0)


def contained(folder):
    acknowledged = {address for _, address in json.loads((pathlib.Path(folder) / "acknowledged.json").read_text())}
    found = [line.strip() for line in sys.stdin if line.strip()]
    sys.exit(0 if acknowledged <= set(found) and len(found) == len(set(found)) else 1)


if __name__ == "__main__":
    {"write": write, "windows": windows, "missing": missing, "contained": contained, "failed": failed}[sys.argv[1]](*sys.argv[2:])
