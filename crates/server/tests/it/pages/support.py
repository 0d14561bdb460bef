"""What the journeys through Elder's pages have in common: the server, the mailbox, an authenticator, an application."""

import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import pathlib
import re
import secrets
import struct
import sys
import threading
import time
import urllib.parse
import urllib.request

JOURNEY, URL, EMAIL, PASSWORD, MAILS, CHROMIUM, AXE, *SCREENSHOTS = sys.argv[1:]
NEW_PASSWORD = "gravel-otter-quantum-seventeen"
AXE_SCRIPT = pathlib.Path(AXE).read_text()
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def call(method, path, body=None, token=None):
    """Calls the API as a program does."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}{path}", data, method=method)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def token_of_owner():
    return call("POST", "/api/v2/auth/login", {"email": EMAIL, "password": PASSWORD})["access_token"]


def person(address, name="Ana Gruber"):
    """An account besides the owner's."""
    call("POST", "/api/v2/users", {"email": address, "password": PASSWORD, "full_name": name}, token_of_owner())


def link_mailed_to(address):
    """The link in the newest mail to an address."""
    for _ in range(200):
        for path in sorted(pathlib.Path(MAILS).glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            link = re.search(r"https?://\S+token=\w+", letter.get_body(("plain",)).get_content())
            if address in letter["To"] and link:
                path.unlink()
                return link.group()
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address}")


def code(secret, steps=0):
    """What an authenticator application shows (RFC 6238), or will show so many steps later."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7fffffff) % 1_000_000:06}"


class Application:
    """An application that is registered, and an address of it that remembers with what somebody came."""

    def __init__(self):
        self.came = came = []

        class Back(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/back?"):
                    came.append((self.path, self.headers.get("Referer")))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<title>Back</title>back")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Back)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.back = f"http://127.0.0.1:{server.server_port}/back"
        new = {"name": "Payroll", "redirect_uris": [self.back]}
        self.id = call("POST", "/api/v2/applications", new, token_of_owner())["id"]
        self.verifier = secrets.token_urlsafe(48)

    def link(self):
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        query = {"application": self.id, "redirect_uri": self.back, "state": "a b", "code_challenge": challenge,
                 "code_challenge_method": "S256"}
        return f"{URL}/authorize?{urllib.parse.urlencode(query)}"

    def redeem(self):
        """Exchanges the code with which the only visitor came."""
        ((path, referer),) = self.came
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        assert query["state"] == "a b" and query["iss"] == URL and referer is None, (path, referer)
        exchange = {"code": query["code"], "code_verifier": self.verifier, "redirect_uri": self.back}
        return call("POST", "/api/v2/auth/token", exchange)


def watched(context):
    """A page, and what its console complains of: what the policy refuses is among it."""
    page, complaints = context.new_page(), []
    expected = ["status of 400", "status of 403", "status of 404"]

    def hear(message):
        if message.type == "error" and not any(status in message.text for status in expected):
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def look_over(page, name):
    """Demands that axe finds nothing and that nothing juts out of a narrow screen; keeps a picture."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules })", AXE_RULES)
    assert not found["violations"], (name, json.dumps(found["violations"], indent=1))
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{name}: {wide} pixels wide on a screen of 320"
    page.set_viewport_size(size)
    if SCREENSHOTS:
        page.screenshot(path=pathlib.Path(SCREENSHOTS[0]) / f"{name}.png", full_page=True)
