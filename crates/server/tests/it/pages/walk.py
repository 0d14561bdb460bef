"""Walks through Elder's pages in a browser: walk.py JOURNEY URL EMAIL PASSWORD MAILS CHROMIUM AXE [SCREENSHOTS]"""

from playwright.sync_api import expect, sync_playwright

from support import (CHROMIUM, EMAIL, JOURNEY, NEW_PASSWORD, PASSWORD, URL, Application, call, code, link_mailed_to,
                     look_over, person, token_of_owner, watched)

ANA = "ana@example.com"
DESK = {"width": 1000, "height": 800}


def sign_in(page, address, password=PASSWORD):
    """With the mouse."""
    page.goto(f"{URL}/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def without_scripts(browser):
    """Sign-in, profile, password, an authenticator application, backup codes, devices, sign-out."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{URL}/account")
    assert page.url == f"{URL}/sign-in", page.url
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    sign_in(page, EMAIL, "another one")
    expect(page.get_by_role("alert")).to_contain_text("do not fit")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
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

    page.get_by_role("link", name="Sign-in and security").click()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")

    page.get_by_role("button", name="Add an authenticator app").click()
    secret = page.locator("code").inner_text()
    page.get_by_label("Code from").fill("000000")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("alert")).to_contain_text("The code does not fit")
    expect(page.locator("code")).to_have_text(secret)
    page.get_by_label("Code from").fill(code(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("status")).to_have_text("Your second factor is set up.")
    page.get_by_role("button", name="Make new codes").click()
    backup_code = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="Done").click()
    page.get_by_text("Rename").click()
    page.get_by_label("Name, to tell").fill("Phone")
    page.locator("details").get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("Phone")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.go_back()
    assert page.url.startswith(f"{URL}/sign-in"), "the back button shows the account"
    for proof in [code(secret, steps=1), backup_code]:
        sign_in(page, EMAIL, NEW_PASSWORD)
        page.get_by_label("Code from").fill(proof)
        page.get_by_role("button", name="Sign in", exact=True).click()
        assert page.url == f"{URL}/account", page.url
    page.get_by_role("link", name="Devices and sessions").click()
    page.get_by_role("button", name="Remove device").first.click()
    assert page.url == f"{URL}/sign-in?for=devices", "the device was this one"
    context.close()


def by_keyboard(browser):
    """What has to be typed next has the focus. Then back to an application, with nothing that the policy refuses."""
    context = browser.new_context(locale="en-GB")
    page, complaints = watched(context)
    application = Application()
    page.goto(application.link())
    expect(page.get_by_role("main")).to_contain_text("Payroll")
    for wrong, right in [("Enter", None), ("another one", "E-mail address and password do not fit"), (PASSWORD, None)]:
        if wrong == "Enter":
            expect(page.get_by_label("E-mail address")).to_be_focused()
            page.keyboard.type(EMAIL)
        else:
            expect(page.get_by_label("Password", exact=True)).to_be_focused()
            page.keyboard.type(wrong)
        page.keyboard.press("Enter")
        if right:
            expect(page.get_by_role("alert")).to_contain_text(right)
    page.wait_for_url(f"{application.back}?**")
    tokens = application.redeem()
    assert call("GET", "/api/v2/me", token=tokens["access_token"])["email"] == EMAIL

    page.goto(f"{URL}/account")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.innerText"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or page.evaluate("document.activeElement === document.body"), reached
    for name in ["Sign out", "Sign-in and security", "full_name", "locale", "Save", "Change address"]:
        assert name in reached, (name, reached)
    assert not complaints, complaints
    context.close()


def with_passkeys(browser):
    """Made at the account, then good alone and after a password; a refusal of the browser is said."""
    person(ANA)
    context = browser.new_context(locale="en-GB")
    page, complaints = watched(context)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}
    authenticator = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    sign_in(page, ANA)
    page.get_by_role("link", name="Sign-in and security").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name, to tell").fill("Laptop")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("status")).to_have_text("Your second factor is set up.")
    expect(page.get_by_role("main")).to_contain_text("Laptop")
    page.get_by_role("button", name="Sign out").click()

    def touch(is_touched):
        """From now on the authenticator is touched when it is asked for; what was asked before goes on waiting."""
        simulated = {"authenticatorId": authenticator, "enabled": is_touched}
        devtools.send("WebAuthn.setAutomaticPresenceSimulation", simulated)

    # The browser offers it at the field for the address, and nothing else is pressed.
    page.goto(f"{URL}/sign-in")
    page.wait_for_url(f"{URL}/account")
    page.get_by_role("button", name="Sign out").click()

    def asked_for_the_address():
        """The sign-in page, at which the offer waits."""
        touch(False)
        page.goto(f"{URL}/sign-in")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
        touch(True)

    # The button takes the question over.
    asked_for_the_address()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{URL}/account")
    page.get_by_role("button", name="Sign out").click()

    touch(False)
    sign_in(page, ANA)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    touch(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{URL}/account")
    page.get_by_role("button", name="Sign out").click()

    # Whoever turns the browser's question down is told, and may take another way.
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    asked_for_the_address()
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The browser gave no passkey", timeout=30_000)
    assert not complaints, complaints
    context.close()


def by_mail(browser):
    """A forgotten password, an invitation, another address: each link works once."""
    person(ANA)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{URL}/sign-in")
    page.get_by_label("E-mail address").fill(ANA)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(ANA)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("main")).to_contain_text("a mail is on its way")
    link = link_mailed_to(ANA)
    for words in ["Your password is set", "This link is not valid"]:
        page.goto(link)
        page.get_by_label("New password").fill(NEW_PASSWORD)
        page.get_by_role("button", name="Choose another password").click()
        expect(page.get_by_role("main")).to_contain_text(words)
    sign_in(page, ANA, NEW_PASSWORD)
    page.get_by_text("Change address", exact=True).first.click()
    page.get_by_label("New e-mail address").fill("ana@new.example")
    page.get_by_label("Current password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change address").click()
    expect(page.get_by_role("status")).to_contain_text("Two mails are on their way")
    for address, words in [(ANA, "This address agrees"), ("ana@new.example", "Your account has the new address")]:
        page.goto(link_mailed_to(address))
        page.get_by_role("button", name="Confirm your address").click()
        expect(page.get_by_role("main")).to_contain_text(words)

    call("POST", "/api/v2/invitations", {"email": "bob@example.com", "days": 3}, token_of_owner())
    page.goto(link_mailed_to("bob@example.com"))
    page.get_by_label("Your name").fill("Bob Maier")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accept the invitation").click()
    expect(page.get_by_role("main")).to_contain_text("You have an account now")
    sign_in(page, "bob@example.com")
    expect(page.get_by_label("Your name")).to_have_value("Bob Maier")
    context.close()


def looked_over(browser):
    """Every page, in English and German, in light and dark, on a desk and on a telephone."""
    person(ANA)
    color = {"name": "Acme", "settings": {"branding": {"display_name": "Acme", "color": "#5b21b6"}}}
    call("PATCH", "/api/v2/tenant", color, token_of_owner())
    application = Application()
    for language, scheme, mark in [("en-GB", "light", ""), ("de-DE", "dark", "-dark-de")]:
        context = browser.new_context(locale=language, color_scheme=scheme, viewport=DESK)
        page, complaints = watched(context)

        def pressed(selector, name):
            """A form's button, then the page that comes of it."""
            page.locator(selector).locator("button").last.click()
            look_over(page, f"{name}{mark}")

        def shown(path, name):
            page.goto(f"{URL}{path}")
            look_over(page, f"{name}{mark}")

        for path, name in [
            ("/reset", "forgot"), ("/reset?token=x", "reset"), ("/register", "register"),
            ("/invitation?token=x", "invitation"), ("/verify?token=x", "verify"), ("/setup", "setup-refused"),
            (application.link().removeprefix(URL), "sign-in-for-an-application"), ("/sign-in", "sign-in"),
        ]:
            shown(path, name)
        page.locator("#email").fill(ANA)
        pressed("form:has(#email)", "sign-in-password")
        page.locator("#password").fill("another one")
        pressed("form:has(#password)", "sign-in-refused")
        page.locator("#password").fill(PASSWORD)
        page.locator("form:has(#password) button").click()
        shown("/account", "account")
        shown("/account/nothing", "not-found")
        shown("/account/security/passkey", "passkey")
        page.goto(f"{URL}/account/security")
        page.locator("form[action$='/security/password'] #current_password").fill(PASSWORD)
        page.locator("#password").fill("short")
        pressed("form[action$='/security/password']", "security-refused")
        pressed("form[action$='/security/authenticator']", "authenticator")
        secret = page.locator("code").inner_text()
        page.locator("#code").fill("000000")
        pressed("form:has(#code)", "authenticator-refused")
        page.locator("#code").fill(code(secret))
        pressed("form:has(#code)", "security")
        pressed("form[action$='/backup-codes']", "backup-codes")
        shown("/account/devices", "devices")
        pressed("form[action$='/sign-out']", "signed-out")
        sign_in_again(page)
        look_over(page, f"second-step{mark}")
        page.locator("#code").fill(code(secret, steps=1))
        page.locator("form:has(#code) button").click()
        page.goto(f"{URL}/account/security")
        page.locator("form[action$='/factors/remove'] button").click()
        assert not complaints, complaints
        context.close()


def sign_in_again(page):
    """In whatever language."""
    page.goto(f"{URL}/sign-in")
    page.locator("#email").fill(ANA)
    page.locator("form:has(#email) button").click()
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button").click()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM)
    globals()[JOURNEY](browser)
    browser.close()
print("the walk is done")
