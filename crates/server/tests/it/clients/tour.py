"""The tour of the README through the generated Python client. Its argument is the demo's `demo.json`."""

import json
import sys

import elder_client as elder
from elder_client.exceptions import ApiException, NotFoundException, UnauthorizedException

with open(sys.argv[1]) as file:
    demo = json.load(file)
URL, (ACME, GLOBEX) = demo["url"], demo["tenants"]


def client(token=None):
    return elder.ApiClient(elder.Configuration(host=URL, access_token=token))


def sign_in(person):
    login = elder.Login(email=person["email"], password=person["password"])
    session = elder.SignInApi(client()).auth_login(login).actual_instance
    assert session.status == "signed_in", session
    return session


def bearer(token):
    """The client keeps tokens and keys from being printed by accident."""
    return client(token.get_secret_value())


def problem(status, code, call):
    """Demands that a call is refused with this problem."""
    try:
        call()
    except ApiException as refused:
        assert (refused.status, refused.data.code) == (status, code), refused
        return refused
    raise AssertionError(f"nothing refused what should get {code}")


session = sign_in(ACME["admin"])
assert session.user.email == ACME["admin"]["email"] and session.user.tenant_role == elder.Role.ADMIN
admin = bearer(session.access_token)
users = elder.UsersApi(admin)

# A list, page by page.
emails, cursor = [], None
while True:
    page = users.users_list(limit=2, cursor=cursor, sort=["email"])
    assert len(page.data) <= 2
    emails += [user.email for user in page.data]
    cursor = page.next_cursor
    if cursor is None:
        break
assert len(emails) > 2 and emails == sorted(emails), emails
assert users.users_list(limit=1, include_total=True).total == len(emails)

# The same request under the same key is done once.
new = elder.NewUser(email="zoe.py@acme.example", full_name="Zoe Zimmer", tenant_role=elder.Role.READER)
zoe = users.users_create(new, idempotency_key="tour-py")
again = users.users_create_with_http_info(new, idempotency_key="tour-py")
assert again.data.id == zoe.id and again.headers["idempotency-replayed"] == "true"
problem(409, "already_exists", lambda: users.users_create(new))

# A change of what was read, and of nothing else.
read = users.users_get_with_http_info(zoe.id)
tag = read.headers["etag"]
changed = users.users_update(zoe.id, elder.UserPatch(full_name="Zoe Zander"), if_match=tag)
assert (changed.full_name, changed.email) == ("Zoe Zander", new.email)
problem(412, "version_mismatch", lambda: users.users_update(zoe.id, elder.UserPatch(locale="de"), if_match=tag))

# The other tenant gets the answer of an id that does not exist.
globex = elder.UsersApi(bearer(sign_in(GLOBEX["admin"]).access_token))
refused = problem(404, "not_found", lambda: globex.users_get(zoe.id))
assert isinstance(refused, NotFoundException) and refused.data.request_id

found = users.users_list(filter='tenant_role eq "reader" and email sw "zoe.py"')
assert [user.id for user in found.data] == [zoe.id]
problem(400, "invalid_filter", lambda: users.users_list(filter="colour eq 1"))

# Many changes at once: what can be done is done, and the rest is told.
done = users.users_batch(
    elder.UserBatch(
        atomic=False,
        operations=[
            elder.UserOperation(elder.CreateUser(op="create", data=elder.NewUser(email="bob.py@acme.example"))),
            elder.UserOperation(elder.UpdateUser(op="update", id=zoe.id, data=elder.UserPatch(full_name="Zoe"))),
            elder.UserOperation(elder.CreateUser(op="create", data=new)),
        ],
    )
).results
assert [result.status for result in done] == [201, 200, 409] and done[2].error.code == "already_exists"
problem(
    422,
    "batch_failed",
    lambda: users.users_batch(
        elder.UserBatch(
            atomic=True,
            operations=[elder.UserOperation(elder.DeleteUser(op="delete", id=done[0].id, if_match='"none"'))],
        )
    ),
)

# A program with a key that may read users, and nothing else.
account = elder.ServiceAccountsApi(admin).service_accounts_create(
    elder.NewServiceAccount(name="Tour in Python", permissions=["users:read"])
)
issued = elder.APIKeysApi(admin).service_accounts_api_keys_create(account.id, elder.NewApiKey(name="tour"))
program = elder.UsersApi(bearer(issued.key))
assert program.users_get(zoe.id).full_name == "Zoe"
problem(403, "permission_denied", lambda: program.users_delete(zoe.id))

elder.SignInApi(admin).auth_logout()
assert isinstance(problem(401, "unauthenticated", lambda: users.users_list()), UnauthorizedException)
print("the tour is done")
