"""scim2-server as its own command builds it, for gunicorn: resources in memory, the bearer token "peer"."""

from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider

application = BearerTokenApplication(InMemoryStorage(), load_default_provider(), bearer_tokens=["peer"])
