"""django-scim2 in the least Django project that serves it."""
