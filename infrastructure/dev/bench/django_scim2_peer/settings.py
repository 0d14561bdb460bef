"""Settings: SQLite with a write-ahead log in the folder that PEER_DATA names, and nobody is asked who they are."""

import os
from pathlib import Path

SECRET_KEY = "peer"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "django_scim2_peer.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "django_scim2_peer"]
AUTH_USER_MODEL = "django_scim2_peer.User"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
APPEND_SLASH = False
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(os.environ["PEER_DATA"]) / "django-scim2.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {"init_command": "pragma journal_mode = wal", "timeout": 30},
    }
}
SCIM_SERVICE_PROVIDER = {
    "NETLOC": "localhost",
    "SCHEME": "http",
    "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "None", "description": "None"}],
    "GET_IS_AUTHENTICATED_PREDICATE": "django_scim2_peer.urls.everybody",
}
MIDDLEWARE = ["django_scim2_peer.urls.Guest"]
