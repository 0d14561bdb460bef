"""Okta's management API as far as `elder okta configure` uses it: a recorded shape, held against Okta's own SDK.

Which paths there are is read from the client that Okta generates of its OpenAPI document (`okta` of PyPI), and each body,
asked or answered, goes through the models generated of it. A call that the document lacks gets 404; a body that a model
refuses, or of which it knows a part not, gets 400. What it remembers and how it refuses is recorded here.

usage: okta_org.py CALLS STATE; the port is printed, each call is a line of JSON in the file CALLS.
"""

import http.server
import importlib
import importlib.util
import json
import pathlib
import re
import sys
import time
from urllib.parse import parse_qs, urlsplit

CALLS, STATE = sys.argv[1], json.loads(sys.argv[2])
APP = STATE.get("app", "0oa1gjh63g214q0Hq0g4")
TOKEN = STATE.get("token", "00-an-api-token-of-okta")
MAPPING = "prm1k48weFSOnEUnw0g4"
CONNECTION = "/api/v1/apps/{appId}/connections/default"
FEATURE = "/api/v1/apps/{appId}/features/{featureName}"

# Who answers, and the models of what is asked and of what is answered.
ROUTES = {
    ("GET", "/api/v1/apps/{appId}"): ("app", None, None),
    ("GET", CONNECTION): ("connected", None, "ProvisioningConnectionResponse"),
    ("POST", CONNECTION): ("connect", "ProvisioningConnectionTokenRequest", "ProvisioningConnectionResponse"),
    ("GET", FEATURE): ("feature", None, "UserProvisioningApplicationFeature"),
    ("PUT", FEATURE): ("feature", "CapabilitiesObject", "UserProvisioningApplicationFeature"),
    ("GET", "/api/v1/mappings"): ("mappings", None, "ListProfileMappings"),
    ("GET", "/api/v1/mappings/{mappingId}"): ("mapping", None, "ProfileMapping"),
    ("POST", "/api/v1/mappings/{mappingId}"): ("mapping", "ProfileMappingRequest", "ProfileMapping"),
    ("GET", "/api/v1/meta/schemas/apps/{appId}/default"): ("schema", None, "UserSchema"),
}


def published():
    """Each path of the document with its method."""
    root = pathlib.Path(importlib.util.find_spec("okta").submodule_search_locations[0])
    pattern = re.compile(r'method="(\w+)",\s*resource_path="([^"]+)"')
    return {pair for file in root.glob("api/*_api.py") for pair in pattern.findall(file.read_text())}


def check(model, body):
    """Raises if the document does not know all of the body."""
    module = importlib.import_module("okta.models." + re.sub(r"(?<!^)(?=[A-Z])", "_", model).lower())
    known = getattr(module, model).from_dict(body).model_dump(mode="json", by_alias=True, exclude_none=True)
    if not covers(known, body):
        raise ValueError(f"{model} knows {known}, and not all of {body}")


def covers(known, body):
    if isinstance(body, dict):
        return isinstance(known, dict) and all(covers(known.get(name), value) for name, value in body.items())
    return known == body


class Failure(Exception):
    def __init__(self, status, summary, cause=None):
        self.status = status
        causes = [{"errorSummary": cause}] if cause else []
        self.body = {"errorCode": "E0000000", "errorSummary": summary, "errorLink": "E0000000", "errorCauses": causes}


def merge(into, more):
    for name, value in more.items():
        if isinstance(value, dict):
            merge(into.setdefault(name, {}), value)
        else:
            into[name] = value


class Org:
    def __init__(self):
        scheme = STATE.get("provisioning", "TOKEN")
        off = {"status": "DISABLED"}
        self.first = STATE.get("first", [])
        self.connection = {
            "status": "UNKNOWN" if scheme == "UNKNOWN" else "DISABLED",
            "profile": {"authScheme": scheme},
        }
        self.capabilities = {
            "create": {"lifecycleCreate": dict(off)},
            "update": {"profile": dict(off), "lifecycleDeactivate": dict(off)},
        }
        self.rules = {"familyName": {"expression": "user.lastName", "pushStatus": "PUSH"}}

    def app(self, query, body):
        return {"id": APP, "name": "scim2headerauth", "label": "Elder", "status": STATE.get("status", "ACTIVE")}

    def connected(self, query, body):
        return self.connection

    def connect(self, query, body):
        if "refuses" in STATE:
            raise Failure(400, "Api validation failed: connection", STATE["refuses"])
        if self.connection["status"] != "UNKNOWN":
            status = "ENABLED" if query.get("activate") == ["true"] else "DISABLED"
            profile = {"authScheme": body["profile"]["authScheme"]}
            self.connection = {"status": status, "profile": profile, "baseUrl": body["baseUrl"]}
        return self.connection

    def feature(self, query, body):
        if self.connection["status"] != "ENABLED":
            raise Failure(400, "Provisioning is not supported.")
        merge(self.capabilities, body or {})
        return {"name": "USER_PROVISIONING", "status": "ENABLED", "capabilities": self.capabilities}

    def mapping(self, query, body):
        merge(self.rules, (body or {}).get("properties", {}))
        return {"id": MAPPING, "target": {"id": APP, "name": "elder"}, "properties": self.rules}

    def mappings(self, query, body):
        return [{"id": MAPPING, "target": {"id": APP, "name": "elder"}}] if query.get("targetId") == [APP] else []

    def schema(self, query, body):
        text = {"title": "A text", "type": "string"}
        custom = {"givenName": text, "familyName": text, "email": text}
        return {"definitions": {"custom": {"id": "#custom", "properties": custom, "type": "object"}}}

    def answer(self, method, path, query, body):
        for (known, template), (room, asked, answered) in ROUTES.items():
            found = re.fullmatch(re.sub(r"\{\w+\}", r"(\\w+)", template), path)
            if found and method == known and (method, template) in PUBLISHED:
                if "{appId}" in template and found[1] != APP:
                    raise Failure(404, "Not found: Resource not found")
                return self.checked(getattr(self, room), asked, answered, query, body)
        raise Failure(404, f"the document has no {method} {path}")

    def checked(self, room, asked, answered, query, body):
        try:
            if asked:
                check(asked, body)
        except (ValueError, TypeError, KeyError) as error:
            raise Failure(400, f"Api validation failed: {error}") from error
        found = room(query, body)
        for one in found if isinstance(found, list) else [found]:
            if answered:
                check(answered, one)
        return found


class Handler(http.server.BaseHTTPRequestHandler):
    def do(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or "null")
        shown = self.headers.get("authorization")
        with open(CALLS, "a") as calls:
            call = {"method": self.command, "path": self.path, "authorization": shown, "body": body}
            calls.write(json.dumps(call) + "\n")
        url = urlsplit(self.path)
        try:
            if ORG.first:
                raise Failure(ORG.first.pop(0), "for now")
            if shown != f"SSWS {TOKEN}":
                raise Failure(401, "Invalid token provided")
            status, answer = 200, ORG.answer(self.command, url.path, parse_qs(url.query), body)
        except Failure as failure:
            status, answer = failure.status, failure.body
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Rate-Limit-Reset", str(int(time.time()) + 1))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = do

    def log_message(self, *arguments):
        pass


PUBLISHED, ORG = published(), Org()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
