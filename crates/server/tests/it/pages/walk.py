"""Walks through Elder's pages in a browser: walk.py URL EMAIL PASSWORD CHROMIUM AXE [FOLDER FOR SCREENSHOTS]"""

import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import sys
import threading
import urllib.parse
import urllib.request

from playwright.sync_api import expect, sync_playwright

URL, EMAIL, PASSWORD, CHROMIUM, AXE, *SCREENSHOTS = sys.argv[1:]
AXE_SCRIPT = pathlib.Path(AXE).read_text()
NEW_PASSWORD = "gravel-otter-quantum-seventeen"


def call(method, path, body, token=None):
    """Calls the API as a program does."""
    request = urllib.request.Request(f"{URL}{path}", json.dumps(body).encode(), method=method)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def look_over(page, name):
    """Demands that axe finds nothing, and keeps a picture."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })")
    assert not found["violations"], (name, json.dumps(found["violations"], indent=1))
    if SCREENSHOTS:
        page.screenshot(path=pathlib.Path(SCREENSHOTS[0]) / f"{name}.png", full_page=True)


def application():
    """An application: an address to return to that remembers with what somebody came."""
    came = []

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
    return f"http://127.0.0.1:{server.server_port}/back", came


def sign_in(page, password=PASSWORD):
    """By the keyboard alone: what has to be typed next has the focus."""
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def without_scripts(browser):
    """Everything works where scripts are switched off."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{URL}/account")
    assert page.url == f"{URL}/sign-in", page.url
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password", exact=True).fill("another one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert page.url == f"{URL}/account", page.url
    cookies = context.cookies()
    assert {cookie["name"] for cookie in cookies} == {"elder", "elder-device"}, cookies
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in cookies), cookies
    page.get_by_label("Your name").fill("Ona Owner")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Ihr Profil ist gespeichert.")
    page.get_by_label("Sprache").select_option("en")
    page.get_by_role("button", name="Speichern").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.go_back()
    assert page.url == f"{URL}/sign-in", "the back button shows the account"
    context.close()


def with_everything(browser):
    """By the keyboard, looked over by axe, back to an application, and with nothing that the policy would refuse."""
    context = browser.new_context(locale="en-GB", viewport={"width": 420, "height": 800})
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    tokens = call("POST", "/api/v2/auth/login", {"email": EMAIL, "password": NEW_PASSWORD})
    back, came = application()
    new = {"name": "Payroll", "redirect_uris": [back]}
    payroll = call("POST", "/api/v2/applications", new, tokens["access_token"])
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"application": payroll["id"], "redirect_uri": back, "state": "a b", "code_challenge": challenge,
             "code_challenge_method": "S256"}
    page.goto(f"{URL}/authorize?{urllib.parse.urlencode(asked)}")
    expect(page.get_by_role("main")).to_contain_text("Payroll")
    look_over(page, "sign-in")
    sign_in(page, NEW_PASSWORD)
    page.wait_for_url(f"{back}?**")
    (path, referer), = came
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
    assert query["state"] == "a b" and query["iss"] and referer is None, (path, referer)
    exchange = {"code": query["code"], "code_verifier": verifier, "redirect_uri": back}
    assert call("POST", "/api/v2/auth/token", exchange)["session_id"]

    page.goto(f"{URL}/account")
    look_over(page, "account")
    page.get_by_label("Present password").fill("another one")
    page.get_by_label("New password").fill("short")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    look_over(page, "account-refused")
    page.goto(f"{URL}/account/nothing")
    look_over(page, "not-found")
    page.goto(f"{URL}/account")
    page.get_by_role("button", name="Sign out").click()
    look_over(page, "signed-out")
    page.get_by_role("link", name="Sign in").click()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Enter")
    page.get_by_label("Password", exact=True).fill("another one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    look_over(page, "sign-in-refused")
    page.emulate_media(color_scheme="dark")
    look_over(page, "sign-in-dark")
    expected = ["status of 400", "status of 403", "status of 404"]
    complaints = [text for text in complaints if not any(status in text for status in expected)]
    assert not complaints, complaints
    context.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM)
    without_scripts(browser)
    with_everything(browser)
    browser.close()
print("the walk is done")
