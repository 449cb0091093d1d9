"""Every setting, read from the environment; docs/configuration.md explains each variable."""

from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from config import env, keys
from config.database import database, redis_address
from config.editor import TINYMCE
from config.incoming import incoming_mail
from config.logs import logging
from config.mailers import mailers
from config.unfold import unfold

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"

# Where Broadsheet lives.
DEBUG = env.flag("DEBUG")
BASE_URL = env.url("BASE_URL", "http://127.0.0.1:8000" if DEBUG else env.REQUIRED)
# Health checks ask the machine itself; links never repeat the name a visitor asked for.
ALLOWED_HOSTS = [*env.listing("ALLOWED_HOSTS", urlsplit(BASE_URL).hostname or ""), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(BASE_URL))]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# Secrets.
SECRET_KEY = keys.secret_key(debug=DEBUG, folder=DATA_DIR)
SIGNING_KEYS = keys.key_ring("SIGNING_KEYS", keys.derived_key(SECRET_KEY, "signing") if DEBUG else env.REQUIRED)
FINGERPRINT_KEY = keys.single_key(
    "FINGERPRINT_KEY", keys.derived_key(SECRET_KEY, "fingerprint") if DEBUG else env.REQUIRED
)

LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOGGING = logging(LOG_LEVEL)

# What it is made of. Our apps stand before django_q because campaigns has its own `qcluster`.
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.apps.SystemConfig",
    "campaigns.apps.CampaignsConfig",
    "subscribers.apps.SubscribersConfig",
    "tinymce",
    "django_q",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "config.proxy.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.cookies.CookielessMiddleware",
    "config.headers.ContentSecurityMiddleware",
    "campaigns.feedback.at_once.AtOnceMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.errors.FriendlyErrorsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Rows.
DATABASES = {"default": database(DATA_DIR / "broadsheet.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Work in the background: tasks are nudges, so none is kept, repeated or waited for.
REDIS_URL = redis_address()
Q_CLUSTER = {
    "name": "broadsheet",
    "label": _("Background work"),
    "workers": env.integer("WORKERS", 2, least=1, most=64),
    "queue_limit": 1,
    "bulk": 1,
    "guard_cycle": 0.5,
    "timeout": 1200,
    # More than three times the timeout, because a task ages while it waits in a worker's hands.
    "retry": 7200,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "log_level": LOG_LEVEL,
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# Mail. Whatever Django sends becomes rows too, and leaves by the transports, which name the mailers.
MAILERS = mailers()
EMAIL_BACKEND = "campaigns.delivery.backend.EmailBackend"
INCOMING_MAIL = incoming_mail()
KEEP_MESSAGES_DAYS = env.integer("KEEP_MESSAGES_DAYS", 14, least=0, most=3650)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"broadsheet@{urlsplit(BASE_URL).hostname}")
DNS_SERVERS = env.servers("DNS_SERVERS", port=53)
LANE_CONNECTIONS = env.integer("LANE_CONNECTIONS", 4, least=1, most=64)
FAILURE_PAUSE_PERCENT = env.integer("FAILURE_PAUSE_PERCENT", 10, least=1, most=100)
UNDO_SECONDS = env.integer("UNDO_SECONDS", 60, least=0, most=3600)
HAND_OVER = env.integer("HAND_OVER", 16, least=1, most=16)
RETRY_SECONDS = env.integer("RETRY_SECONDS", 300, least=1, most=86_400)
DOMAIN_REST_SECONDS = env.integer("DOMAIN_REST_SECONDS", 60, least=1, most=3600)
LANE_SECONDS = env.integer("LANE_SECONDS", 20, least=1, most=600)
LEASE_SECONDS = env.integer("LEASE_SECONDS", 60, least=5, most=3600)
LIMIT_WINDOW_SECONDS = env.integer("LIMIT_WINDOW_SECONDS", 3600, least=1, most=3600)
MAILBOX_DIR = Path(written) if (written := env.text("MAILBOX_DIR", "")) else None

# Readers.
SIGN_UPS_PER_NETWORK_ADDRESS = env.integer("SIGN_UPS_PER_NETWORK_ADDRESS", 20, least=1, most=100_000)
SIGN_UPS_PER_NETWORK = env.integer("SIGN_UPS_PER_NETWORK", 100, least=1, most=100_000)

# Files.
KEEP_EXPORTS_DAYS = env.integer("KEEP_EXPORTS_DAYS", 7, least=1, most=365)
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(DATA_DIR / "media")))
MEDIA_URL = "media/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATIC_URL = "static/"
STATICFILES_DIRS = [folder] if (folder := BASE_DIR / "static").is_dir() else []
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
HASHED_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN_STATIC if DEBUG else HASHED_STATIC},
}
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600

# Words.
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"
LANGUAGES = [
    ("en", _("English")),
    ("de", _("German")),
    ("fr", _("French")),
    ("es", _("Spanish")),
    ("ar", _("Arabic")),
    ("ja", _("Japanese")),
]
LANGUAGE_CODE = env.choice("LANGUAGE_CODE", [code for code, _name in LANGUAGES], "en")
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")

# Safety.
HTTPS = env.flag("HTTPS", default=BASE_URL.startswith("https:"))
TRUST_PROXY = env.flag("TRUST_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_SSL_REDIRECT = HTTPS
# Mail programs do not follow a redirect when they unsubscribe somebody with one click (RFC 8058),
# and links in old mails must never break: only the admin insists on being asked over HTTPS.
SECURE_REDIRECT_EXEMPT = [r"^(?!admin(/|$))"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Only the owner of the domain knows whether its other hosts speak HTTPS, so these stay unpromised.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
# A missing slash is a wrong address: a redirect would turn a POST into a GET.
APPEND_SLASH = False
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

UNFOLD = unfold(mailbox=MAILBOX_DIR is not None)
TINYMCE_DEFAULT_CONFIG = TINYMCE
