"""The least that django-mailer and django-post_office need."""

import os
from pathlib import Path
from urllib.parse import urlsplit

_database = urlsplit(os.environ["BENCH_DATABASE"])
_folder = Path(os.environ["BENCH_FOLDER"])
EMAIL_HOST, EMAIL_PORT = os.environ["BENCH_SINK"].split(":")
SMTP = "django.core.mail.backends.smtp.EmailBackend"

SECRET_KEY = "only-for-measuring"
INSTALLED_APPS = ["django.contrib.contenttypes", "mailer", "post_office"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path[1:],
        "USER": _database.username,
        "PASSWORD": _database.password,
        "HOST": _database.hostname,
        "PORT": _database.port,
        "CONN_MAX_AGE": 60,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
USE_TZ = True

MAILER_EMAIL_BACKEND = SMTP
MAILER_LOCK_PATH = str(_folder / "mailer")
# Neither waits between mails of its own accord nor stops before the queue is empty.
MAILER_EMAIL_THROTTLE = 0
MAILER_EMAIL_MAX_BATCH = None
POST_OFFICE = {"BACKENDS": {"default": SMTP}, "BATCH_SIZE": 500, "LOG_LEVEL": 2, "MESSAGE_ID_ENABLED": False}
