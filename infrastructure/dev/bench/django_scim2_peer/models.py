"""People as django-scim2 asks for them."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMUserMixin


class User(AbstractSCIMUserMixin, AbstractUser):
    """Django's user with the columns of SCIM."""

    scim_groups = models.ManyToManyField("auth.Group", related_name="scim_users")
