"""Settings, all from the environment. The list of variables, with defaults, is in docs/operations.md."""

import os
from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.contrib.messages import constants as messages
from django.core.exceptions import ImproperlyConfigured
from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.bool("SOPR_DEBUG", False)
TESTING = "PYTEST_VERSION" in os.environ  # set by pytest itself, also for the processes that a test starts


def secret(name):
    """Return a secret; outside DEBUG and tests an unset one stops the start."""
    value = env.str(name, "")
    if value:
        return value
    if DEBUG or TESTING:
        return f"not-a-secret-{name}"
    raise ImproperlyConfigured(
        f"{name} is not set. Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(50))' "
        "and keep it out of the repository. (SOPR_DEBUG=1 does without, on a developer's machine only.)"
    )


SECRET_KEY = secret("SOPR_SECRET_KEY")
SOPR_AUDIT_KEY = secret("SOPR_AUDIT_KEY")  # its own key: changing SECRET_KEY must not break the audit chain
# sopr.web knows nothing of the apps above it; the pages' audit entries go through this name.
SOPR_AUDIT_RECORDER = "sopr.audit.log.record"
SOPR_REGION = env.str("SOPR_REGION", "model")
SOPR_VAR = Path(env.str("SOPR_VAR", str(BASE_DIR / "var"))).resolve()
if TESTING:
    SOPR_VAR /= "test"  # what tests write lies apart from the data
SOPR_VAR.mkdir(parents=True, exist_ok=True)

ALLOWED_HOSTS = env.list("SOPR_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
ROOT_URLCONF = "sopr.urls"
WSGI_APPLICATION = "sopr.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database ---------------------------------------------------------------------------------------------------------

DATABASES = {
    "default": env.dj_db_url(
        "DATABASE_URL", f"sqlite:///{SOPR_VAR / 'sopr.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
POSTGRESQL = DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
if POSTGRESQL:
    # Compiling a list's statement takes PostgreSQL seconds, running it milliseconds: measured on 100,000 families.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
else:
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,  # seconds a writer waits for another
        "cached_statements": 16,  # compiled ones kept: a hundred inserts of a thousand rows were 15 MB of an import
        "transaction_mode": "IMMEDIATE",  # takes the write lock at BEGIN, where waiting is possible
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;",
    }
    # A file, not memory: the live server and a worker started by a test open connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(SOPR_VAR / f"test-{os.getpid()}.sqlite3")}

# --- Applications -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    *(["django.contrib.postgres"] if POSTGRESQL else []),
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "sopr.apps.SoprConfig",
    "sopr.web",
    "sopr.accounts",
    "sopr.audit",
    "sopr.obligations",
    "sopr.documents",
    "families",
    "cases",
    "councils",
    "reports",
    "sopr.exchange",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as its manual asks: it answers for a locked-out sign-in
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sopr.navigation.frame",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_TAGS = {messages.ERROR: "danger", messages.DEBUG: "secondary"}  # Bootstrap's names

# --- Language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", "Русский")]
TIME_ZONE = env.str("SOPR_TIME_ZONE", "Europe/Moscow")
USE_TZ = True

# --- Static and uploaded files ----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = SOPR_VAR / "staticfiles"
MEDIA_ROOT = SOPR_VAR / "media"  # never served by path: files go out through pages that ask for a permission
HASHED_STATIC = not (DEBUG or TESTING)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Compressing what is compressed already, and the full faces that only documents use, took most of a start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["woff2", "png", "jpg", "webp", "gz", "br", "ttf"]
WHITENOISE_USE_FINDERS = not HASHED_STATIC
WHITENOISE_AUTOREFRESH = DEBUG

SOPR_IMPORT_MB = env.int("SOPR_IMPORT_MB", 200)  # the largest workbook the page takes
SOPR_IMPORT_DAYS = env.int("SOPR_IMPORT_DAYS", 7)  # a checked workbook waits so long for its decision
SOPR_ATTACHMENT_MB = env.int("SOPR_ATTACHMENT_MB", 10)  # the largest file one may attach
SOPR_EXPORT_HOURS = env.int("SOPR_EXPORT_HOURS", 24)  # an exported file can be downloaded so long
SOPR_REPORT_DAYS = env.int(
    "SOPR_REPORT_DAYS", 30
)  # files of reports and packets are kept so long, then made anew on demand

# --- Signing in -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # five times faster suite

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Login and address together: a stranger cannot lock a curator out of her own office.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_ALLOWED_CORS_ORIGINS = ""
AXES_DISABLE_ACCESS_LOG = True  # sign-ins are written to our own audit log
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SOPR_PROXIES = env.int("SOPR_PROXIES", 0)  # our own web servers in front
AXES_CLIENT_IP_CALLABLE = "sopr.web.address.client_address"

CSRF_FAILURE_VIEW = "sopr.web.drafts.refuse_forged"  # keeps the text of a form opened before a new sign-in
SOPR_DRAFT_DAYS = env.int("SOPR_DRAFT_DAYS", 30)  # a draft holds personal data: it goes when nobody has touched it

SESSION_COOKIE_AGE = 12 * 3600  # seconds: one working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Security headers -------------------------------------------------------------------------------------------------

SOPR_HTTPS = env.bool("SOPR_HTTPS", not (DEBUG or TESTING))
if SOPR_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # TLS ends at the web server in front
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # neighbours of the ministry's domain are not ours to decide for
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SOPR_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "worker-src": [SELF],  # the page that opens without a connection
        "img-src": [SELF, "data:"],  # Bootstrap's own icons are data: images
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Mail -------------------------------------------------------------------------------------------------------------

# Without a server no letter is sent; the pages give the calendar file instead.
EMAIL_HOST = env.str("SOPR_EMAIL_HOST", "")
EMAIL_PORT = env.int("SOPR_EMAIL_PORT", 587)
EMAIL_HOST_USER = env.str("SOPR_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.str("SOPR_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.bool("SOPR_EMAIL_TLS", True)
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.str("SOPR_EMAIL_FROM", "sopr@localhost")
SOPR_PUBLIC_URL = env.str("SOPR_PUBLIC_URL", "")  # https://sopr.example.ru: the beginning of links in letters

# --- Background work --------------------------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,  # seconds; longer than the longest task, or it would run twice
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
else:
    BROKER_DIR = SOPR_VAR / "broker"
    (BROKER_DIR / "messages").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.05,  # seconds
    }
CELERY_TASK_DEFAULT_QUEUE = "sopr-test" if TESTING else "sopr"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # kilobytes: printing grows by up to a quarter of a megabyte a report
CELERY_TASK_IGNORE_RESULT = True  # the truth about a job is its row in the database
CELERY_TASK_SOFT_TIME_LIMIT = 1700
CELERY_TASK_TIME_LIMIT = 1800  # seconds
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "sweep-reports": {
        "task": "reports.tasks.sweep_reports",
        "schedule": 30,  # seconds
        "options": {"expires": 25},  # a missed sweep is not made up for
    },
    "sweep-exchange": {
        "task": "sopr.exchange.tasks.sweep_exchange",
        "schedule": 30,  # seconds
        "options": {"expires": 25},
    },
    "clear-exchange": {
        "task": "sopr.exchange.tasks.clear_exchange",
        "schedule": crontab(minute=20),  # hourly
    },
    "sweep-signing": {
        "task": "reports.tasks.sweep_signing",
        "schedule": crontab(hour=2, minute=30),  # before overdue ones are told to the heads
    },
    "refresh-drafts": {
        "task": "reports.tasks.refresh_drafts",
        "schedule": crontab(hour=1, minute=30),  # before the duties are told of
    },
    "refresh-figures": {
        "task": "reports.tasks.refresh_figures",
        "schedule": crontab(minute=50),  # hourly
        "options": {"expires": 3000},
    },
    "clear-report-files": {
        "task": "reports.tasks.clear_report_files",
        "schedule": crontab(hour=1, minute=15),
    },
    "check-cards": {
        "task": "families.tasks.check_cards",
        "schedule": crontab(minute="*/5"),
        "options": {"expires": 240},
    },
    "sweep-quarterly-words": {
        "task": "cases.tasks.sweep_quarterly_words",
        "schedule": crontab(hour=2, minute=35),
    },
    "sweep-attachments": {
        "task": "sopr.documents.tasks.sweep_attachments",
        "schedule": crontab(hour=2, minute=50),
    },
    "sweep-levels": {
        "task": "councils.tasks.sweep_levels",
        "schedule": crontab(hour=2, minute=15),
    },
    "sweep-questions": {
        "task": "councils.tasks.sweep_questions",
        "schedule": crontab(hour=2, minute=20),
    },
    "sweep-meetings": {
        "task": "councils.tasks.sweep_meetings",
        "schedule": crontab(hour=2, minute=25),  # before overdue ones are told to the heads
    },
    "sweep-forms": {
        "task": "sopr.web.tasks.sweep_forms",
        "schedule": crontab(hour=2, minute=45),
    },
    "sweep-obligations": {
        "task": "sopr.obligations.tasks.sweep",
        "schedule": crontab(hour=3, minute=0),
    },
}

# --- Log --------------------------------------------------------------------------------------------------------------

# Paths carry ids only and queries are never logged; QuietFormatter drops the text of exceptions, which may quote a row.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "logging.Formatter" if DEBUG else "sopr.logs.QuietFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},  # its lines carry the query
        "axes": {"level": "CRITICAL"},  # its lines carry the login; the audit log has them
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
