"""An SMTP server for a test: other code than Elder's own client, so that both have to agree on the protocol.

What it accepts lands in a file, one JSON object a line. usage: mail_server.py FILE PORT LINE [CERTIFICATE KEY]
LINE is `plain`, `starttls` or `implicit`; with TLS it demands the account elder with the password secret.
Orders come on stdin, and each is answered by a line: `answer CODE COUNT` answers the next letters so, `hold` takes
letters and never says so.
"""
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

FILE, PORT, LINE, *CERTIFICATE = sys.argv[1:]


class Sink:
    answers = []
    holds = False

    async def handle_DATA(self, server, session, envelope):
        if self.answers:
            return self.answers.pop(0)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        bodies = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        account = session.auth_data.login.decode() if session.auth_data else None
        record = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "encrypted": LINE == "implicit" or session.ssl is not None,
                  "account": account, "headers": dict(mail.items()), "bodies": bodies}
        with open(FILE, "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        if self.holds:
            await asyncio.sleep(3600)
        return "250 ok"


def sign_in(server, session, envelope, mechanism, data):
    is_known = data.login == b"elder" and data.password == b"secret"
    return AuthResult(success=is_known, handled=False, auth_data=data)


def options():
    if LINE == "plain":
        return {}
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*CERTIFICATE)
    account = {"authenticator": sign_in, "auth_required": True}
    if LINE == "implicit":
        return {"ssl_context": context, "auth_require_tls": False, **account}
    return {"tls_context": context, "require_starttls": True, **account}


sink = Sink()
controller = Controller(sink, hostname="127.0.0.1", port=int(PORT), **options())
controller.start()
print(controller.server.sockets[0].getsockname()[1], flush=True)
for order in sys.stdin:
    word, *rest = order.split()
    if word == "answer":
        sink.answers += [f"{rest[0]} the test wants it so"] * int(rest[1])
    else:
        sink.holds = word == "hold"
    print("done", flush=True)
controller.stop()
