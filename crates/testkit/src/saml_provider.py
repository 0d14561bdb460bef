"""An identity provider made of pysaml2, on a free port of this machine. Prints its address.

Argument: a JSON object with the description of the service provider (`sp`), what is signed (`sign`: a list of "response"
and "assertion"), and by what assertions are encrypted (`cipher`: null, "3des" or "gcm").

/sso asks nobody and signs ada in, /start does so without being asked, /end ends her session at the service provider, /slo
takes part in a logout, /heard tells what the service provider has answered.
"""

import functools
import html
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import saml2.entity
import saml2.sigver
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

SETTINGS = json.loads(sys.argv[1])
GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
HEARD = []

if SETTINGS["cipher"] == "gcm":
    # By itself it knows nothing but 3DES.
    saml2.entity.pre_encryption_part = functools.partial(saml2.sigver.pre_encryption_part, msg_enc=GCM)
    backend = saml2.sigver.CryptoBackendXmlSec1
    original = backend.encrypt_assertion

    def with_aes(self, statement, key, template, _key_type=None, node_xpath=None, node_id=None):
        return original(self, statement, key, template, "aes-256", node_xpath, node_id)

    backend.encrypt_assertion = with_aes


def key_pair(folder):
    key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=pysaml2"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


def configuration(base, folder):
    key, certificate = key_pair(folder)
    return {
        "entityid": f"{base}/metadata",
        "xmlsec_binary": shutil.which("xmlsec1"),
        "service": {
            "idp": {
                "endpoints": {
                    "single_sign_on_service": [(f"{base}/sso", BINDING_HTTP_REDIRECT)],
                    "single_logout_service": [(f"{base}/slo", BINDING_HTTP_REDIRECT)],
                },
                "want_authn_requests_signed": True,
                "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": NAME_FORMAT_URI}},
            }
        },
        "key_file": key,
        "cert_file": certificate,
        "metadata": {"inline": [SETTINGS["sp"]]},
    }


class Provider(BaseHTTPRequestHandler):
    server_version = "pysaml2"

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        try:
            getattr(self, "on_" + url.path.strip("/"))(query)
        except Exception as error:  # The test sees what went wrong.
            self.answer(500, f"{type(error).__name__}: {error}")

    def answer(self, status, text, *headers):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def on_metadata(self, _):
        self.answer(200, str(entity_descriptor(IDP.config)))

    def signed_query(self, query):
        return {"relay_state": query.get("RelayState"), "sigalg": query["SigAlg"], "signature": query["Signature"]}

    def on_sso(self, query):
        parsed = IDP.parse_authn_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT, **self.signed_query(query))
        asked = IDP.response_args(parsed.message)
        self.sign_in(asked["in_response_to"], asked["destination"], query.get("RelayState", ""))

    def on_start(self, query):
        [address] = IDP.metadata.assertion_consumer_service(SP, BINDING_HTTP_POST)
        self.sign_in(None, address["location"], query.get("RelayState", ""))

    def sign_in(self, request, destination, relay_state):
        response = IDP.create_authn_response(
            {"mail": ["ada@example.com"], "displayName": ["Ada"], "eduPersonAffiliation": ["staff", "admins"]},
            request,
            destination,
            SP,
            name_id=ADA,
            authn={"class_ref": PASSWORD, "authn_auth": IDP.config.entityid},
            sign_response="response" in SETTINGS["sign"],
            sign_assertion="assertion" in SETTINGS["sign"],
            encrypt_assertion=SETTINGS["cipher"] is not None,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        page = IDP.apply_binding(BINDING_HTTP_POST, str(response), destination, relay_state, response=True)
        self.answer(200, page["data"], ("Content-Type", "text/html"))

    def on_slo(self, query):
        if "SAMLResponse" in query:
            signature = {name: query[name] for name in ("SigAlg", "Signature")}
            parsed = IDP.parse_logout_request_response(query["SAMLResponse"], BINDING_HTTP_REDIRECT)
            status = parsed.response.status.status_code.value
            HEARD.append({"status": status, "to": parsed.response.in_response_to, **signature})
            return self.answer(200, "signed out")
        parsed = IDP.parse_logout_request(query["SAMLRequest"], BINDING_HTTP_REDIRECT, **self.signed_query(query))
        HEARD.append({"name": parsed.message.name_id.text, "sessions": [i.text for i in parsed.message.session_index]})
        response = IDP.create_logout_response(parsed.message, [BINDING_HTTP_REDIRECT], sign=False)
        [address] = IDP.metadata.single_logout_service(SP, BINDING_HTTP_REDIRECT, "spsso")
        self.redirect(response, address["location"], query.get("RelayState", ""), True)

    def on_end(self, query):
        [address] = IDP.metadata.single_logout_service(SP, BINDING_HTTP_REDIRECT, "spsso")
        indexes = [query["session"]] if "session" in query else None
        _, request = IDP.create_logout_request(address["location"], SP, name_id=ADA, session_indexes=indexes, sign=False)
        self.redirect(request, address["location"], "state of pysaml2", False)

    def redirect(self, message, location, relay_state, response):
        """Signed over the query alone, as the binding demands."""
        sent = IDP.apply_binding(
            BINDING_HTTP_REDIRECT, str(message), location, relay_state, response, sign=True, sigalg=SIG_RSA_SHA256
        )
        self.answer(302, "", ("Location", html.unescape(dict(sent["headers"])["Location"])))

    def on_heard(self, _):
        self.answer(200, json.dumps(HEARD))


with tempfile.TemporaryDirectory() as FOLDER:
    HTTP = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    BASE = f"http://127.0.0.1:{HTTP.server_port}"
    IDP = Server(config=IdPConfig().load(configuration(BASE, FOLDER)))
    [SP] = IDP.metadata.keys()
    ADA = NameID(format=NAMEID_FORMAT_PERSISTENT, name_qualifier=IDP.config.entityid, sp_name_qualifier=SP, text="ada")
    print(BASE, flush=True)
    threading.Thread(target=HTTP.serve_forever, daemon=True).start()
    # Ends with the test, which holds the other end.
    sys.stdin.read()
