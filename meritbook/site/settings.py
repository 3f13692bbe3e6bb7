"""Settings. Everything that differs between installations comes from the environment.

run.py sets it; see docs/structure.md for the list.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

PACKAGE = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("MERITBOOK_DATA", PACKAGE.parent / "data"))
DEBUG = os.environ.get("MERITBOOK_DEBUG") == "1"
SECRET_KEY = os.environ.get("MERITBOOK_SECRET_KEY") or (
    "only-for-checks-that-serve-nothing" if "MERITBOOK_DB_APP" not in os.environ else ""
)
ALLOWED_HOSTS = os.environ.get("MERITBOOK_ALLOWED_HOSTS", "*").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("MERITBOOK_ORIGINS", "").split(",") if o]
ROOT_URLCONF = "meritbook.site.urls"
WSGI_APPLICATION = "meritbook.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_linear_migrations",
    "procrastinate.contrib.django",
    "meritbook.kit",
    "meritbook.org",
    "meritbook.files",
    "meritbook.notices",
    "meritbook.approvals",
    "meritbook.rules",
    "meritbook.ledger",
    "meritbook.awards",
    "meritbook.standings",
    "meritbook.insight",
    "meritbook.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "meritbook.org.middleware.request_id",
    "meritbook.kit.middleware.plain_addresses",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "meritbook.org.middleware.Tenancy",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "meritbook.site.context.navigation",
            ],
            "builtins": ["django.templatetags.i18n", "meritbook.kit.templatetags.kit"],
        },
    }
]


def _database(url: str, *, pooled: bool) -> dict[str, object]:
    parts = urlsplit(url)
    # What libpq understands beyond the address (sslmode, sslrootcert …) goes through to it.
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = str(options.pop("host", parts.hostname or ""))
    if pooled:
        options["pool"] = {"min_size": 1, "max_size": 16, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        # The pool asks a connection before it lends it: those of a PostgreSQL that was killed are dead.
        "CONN_HEALTH_CHECKS": pooled,
    }


DATABASES = {
    "default": _database(
        os.environ.get("MERITBOOK_DB_APP", "postgresql://meritbook_app@127.0.0.1:5432/meritbook"),
        pooled=os.environ.get("MERITBOOK_DB_POOL", "1") == "1",
    )
}
for _alias in ("owner", "ops"):
    if _url := os.environ.get(f"MERITBOOK_DB_{_alias.upper()}"):
        DATABASES[_alias] = _database(_url, pooled=False)
if "owner" in DATABASES:
    # Migrations create foreign keys to tenant tables; PostgreSQL checks them with a query that
    # forced row-level security would refuse while the setting is missing. Company 0 owns no row.
    DATABASES["owner"]["OPTIONS"] = {"options": "-c app.company_id=0"}

AUTH_USER_MODEL = "org.Login"
AUTHENTICATION_BACKENDS = [
    "meritbook.org.signin.MeritbookBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# How many proxies of ours stand in front: only then is X-Forwarded-For believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("MERITBOOK_PROXIES", "0"))
# No limit by account here: an outsider could lock somebody out (see org.operations.throttle).
ACCOUNT_RATE_LIMITS = {"login_failed": "120/m/ip"}
ACCOUNT_ADAPTER = "meritbook.org.signin.AccountAdapter"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "meritbook.kit.views.csrf_failure"
if os.environ.get("MERITBOOK_HTTPS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 5_000},
    }
}

LANGUAGE_CODE = "en" if os.environ.get("MERITBOOK_LANG") == "en" else "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("MERITBOOK_STATIC", DATA / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or os.environ.get("MERITBOOK_STATIC_PLAIN") == "1"
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG or os.environ.get("MERITBOOK_STATIC_PLAIN") == "1"
MEDIA_ROOT = DATA / "files"
# So many of the backups that are made by themselves stay; the oldest go.
BACKUPS_KEPT = int(os.environ.get("MERITBOOK_BACKUPS_KEPT", "14"))
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

PROCRASTINATE_WORKER_DEFAULTS = {"listen_notify": True}
TEST_RUNNER = "django.test.runner.DiscoverRunner"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("MERITBOOK_LOG", "WARNING")},
}
