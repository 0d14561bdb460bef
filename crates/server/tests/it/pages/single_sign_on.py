"""Signs in by providers that others have written, in a browser that runs no script of Elder's:
single_sign_on.py JOURNEY URL EMAIL PASSWORD MAILS CHROMIUM AXE, and where the provider is as PROVIDER"""

import os
import urllib.parse

from playwright.sync_api import TimeoutError, expect, sync_playwright

from support import CHROMIUM, JOURNEY, URL, call, look_over, token_of_owner

PROVIDER = os.environ["PROVIDER"]
GRACE = "grace@example.com"


def held_by(address):
    """The account of an address, and whether it may change organizations."""
    token = token_of_owner()
    query = urllib.parse.quote(f'email eq "{address}"')
    (account,) = call("GET", f"/api/v2/users?filter={query}", token=token)["data"]
    check = f"/api/v2/access/check?permission=organizations:write&user_id={account['id']}"
    return account, call("GET", check, token=token)["allowed"]


def go(page, address):
    """From the sign-in page, by the address alone, to the provider."""
    page.goto(f"{URL}/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("link", name="Acme Login").click()


def arrives(page, url):
    try:
        page.wait_for_url(url, timeout=15_000)
    except TimeoutError:
        raise AssertionError(f"{page.url} instead of {url}: {page.locator('body').inner_text()}")


def by_openid_connect(browser):
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    go(page, GRACE)
    arrives(page, f"{URL}/account")
    expect(page.get_by_role("main")).to_contain_text(GRACE)
    account, is_maintainer = held_by(GRACE)
    assert is_maintainer and account["last_login_at"], account

    # Out here, and there too: the provider asks, and sends the browser back.
    page.get_by_role("button", name="Sign out").click()
    arrives(page, f"{PROVIDER}/session/end**")
    page.get_by_role("button", name="Yes").click()
    arrives(page, f"{URL}/sign-in**")
    page.goto(f"{URL}/account")
    assert page.url == f"{URL}/sign-in", page.url

    # Out there: what the provider tells behind the browser's back ends the session here.
    go(page, GRACE)
    arrives(page, f"{URL}/account")
    there = context.new_page()
    there.goto(f"{PROVIDER}/session/end")
    there.get_by_role("button", name="Yes").click()
    there.wait_for_load_state()
    page.wait_for_timeout(1500)
    page.goto(f"{URL}/account")
    assert page.url == f"{URL}/sign-in", page.url

    # Who comes back without having been sent is told in plain words, on a page that is fit to be read.
    page.goto(f"{URL}/sso/oidc/callback?code=a&state=b")
    expect(page.get_by_role("main")).to_contain_text("Begin again")
    look_over(page, "sign-in-by-provider-failed")
    context.close()


def log_in_at_simplesamlphp(page):
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill("grace-pw")
    page.get_by_role("button", name="Login").click()


def by_saml(browser):
    """Assertions are encrypted, requests are signed; Elder's pages run no script, SimpleSAMLphp's post by themselves."""
    provider, start, out = PROVIDER.split(" ")
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    go(page, GRACE)
    page.wait_for_url(f"{provider}/**")
    log_in_at_simplesamlphp(page)
    arrives(page, f"{URL}/account")
    expect(page.get_by_role("main")).to_contain_text(GRACE)
    account, is_maintainer = held_by(GRACE)
    assert is_maintainer and account["last_login_at"], account

    # Out here, and there too.
    page.get_by_role("button", name="Sign out").click()
    arrives(page, f"{URL}/sso/saml/*/slo?**")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    go(page, GRACE)
    page.wait_for_url(f"{provider}/**")
    expect(page.get_by_label("Username")).to_be_visible()

    # From the provider's own page; and out there, which ends the session here.
    page.goto(start)
    log_in_at_simplesamlphp(page)
    arrives(page, f"{URL}/account")
    there = context.new_page()
    there.goto(out)
    there.wait_for_url(f"{provider}/**")
    there.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    page.goto(f"{URL}/account")
    assert page.url == f"{URL}/sign-in", page.url
    context.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM)
    globals()[JOURNEY](browser)
    browser.close()
print("the walk is done")
