"""Every setting on one page. The README's table says what each environment variable does.

`DEBUG=1` (default) is the local mode: keys are made and kept under `.local/`, cookies need no HTTPS, demo accounts
have their known password. It never shows tracebacks in pages: that is `SHOW_TRACEBACKS=1`.
"""

from __future__ import annotations

import base64
import logging
import secrets
from datetime import time
from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF

from local.mode import is_local

from . import log_lines
from .configuration import BASE_DIR, DATA_DIR, database, origins, proxy_count, required, required_key, secret, sign_ons

env = environ.Env()

LOCAL = is_local()
DEBUG = env.bool("SHOW_TRACEBACKS", default=False)

# Who calls is read in `callers.py`; everything else that knows of proxies is derived from this number here.
TRUSTED_PROXY_COUNT = proxy_count()
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

SECRET_KEY = required_key("SECRET_KEY", lambda: secrets.token_urlsafe(48))
# Former keys: signatures on printed receipts stay good after a change of key.
SECRET_KEY_FALLBACKS = [key for key in secret("SECRET_KEY_FALLBACKS").split(",") if key]
# kid:base64 pairs, the first encrypts, the others still decrypt (rotation).
FIELD_KEYS = required_key("FIELD_KEYS", lambda: f"k1:{base64.b64encode(secrets.token_bytes(16)).decode()}").split(",")
BLIND_INDEX_KEY = required_key("BLIND_INDEX_KEY", lambda: base64.b64encode(secrets.token_bytes(32)).decode())
SEAL_KEY = required_key(
    "SEAL_KEY", lambda: base64.b64encode(secrets.token_bytes(32)).decode()
)  # not for database admins

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if LOCAL else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PORTAL_URL = env.str("PORTAL_URL", default="http://127.0.0.1:8000")
ADMIN_ENABLED = env.bool("ADMIN_ENABLED", default=LOCAL)

# Shown in the footer; nothing is invented where a number is missing.
CONTACT = {
    "organiser": env.str("ORGANISER", default="盐城市卫生健康委员会"),
    "hotline": env.str("HOTLINE", default="12345"),
    "icp": env.str("ICP_NO", default=""),
    "site_code": env.str("SITE_CODE", default=""),
    "police_no": env.str("POLICE_FILING_NO", default=""),
}
DEMO = env.bool("DEMO", default=LOCAL)  # marks every page “演示数据”
DEMO_PASSWORD = secret("DEMO_PASSWORD", "yancheng-demo-2026" if LOCAL else "")

INSTALLED_APPS = [
    "yancheng_childcare",
    "exchange",
    "casework",
    "registry",
    "inspections",
    "credit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "yancheng_childcare.apps.PortalAdminConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_celery_beat",
    "django_structlog",
    "django_prometheus",
    "csp",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "yancheng_childcare.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "yancheng_childcare.public_lane.PublicLaneMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "yancheng_childcare.middleware.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "yancheng_childcare.middleware.PermissionsPolicyMiddleware",
    "yancheng_childcare.cross_origin.CrossOriginMiddleware",
    # Nothing above this line asks the database, so an answer about its absence passes unhurt (operations.md 4).
    "yancheng_childcare.middleware.UnavailableMiddleware",
    "yancheng_childcare.middleware.InputGuardMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yancheng_childcare.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "yancheng_childcare.requests.UserMiddleware",
    "yancheng_childcare.accounts.sessions.SessionClockMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "yancheng_childcare.middleware.PolicyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yancheng_childcare.middleware.ContextMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "yancheng_childcare.urls"
WSGI_APPLICATION = "yancheng_childcare.wsgi.application"
AUTH_USER_MODEL = "yancheng_childcare.User"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["yancheng_childcare.template_loading.Joined", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yancheng_childcare.context.portal",
            ],
            # Of every template, without `{% load %}`. Shown on /styleguide/.
            "builtins": [
                f"yancheng_childcare.templatetags.{name}"
                for name in ("wording", "links", "drawings", "form_parts", "components")
            ],
        },
    }
]

# --- database, cache, background work -------------------------------------------------------------------------------
DATABASES = {"default": database(required("DATABASE_URL", lambda: "postgres://portal@/portal"), patience=5)}
# The tables' owner: `migrate` and `rotate_keys` alone connect as this role (see owner.py).
OWNER_DATABASE = env.db_url_config(owner) if (owner := secret("OWNER_DATABASE_URL")) else None
if replica := secret("READ_REPLICA_URL"):
    DATABASES["replica"] = {**database(replica, patience=2), "TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["yancheng_childcare.replica.PublicReadRouter"]
# How long a process does without a replica that failed; how far behind it may be.
REPLICA_REST_SECONDS = env.int("REPLICA_REST_SECONDS", default=30)
REPLICA_MAX_LAG_SECONDS = env.int("REPLICA_MAX_LAG_SECONDS", default=10)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = required("REDIS_URL", lambda: "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        # Redis holds nothing of record: without it pages are slower, never wrong (reliability.md T37).
        "BACKEND": "yancheng_childcare.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CELERY_BROKER_URL = secret("CELERY_BROKER_URL", REDIS_URL.replace("unix://", "redis+socket://", 1))
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULER = "yancheng_childcare.beat:PortalScheduler"
# Who publishes must not wait for a broker that is away: by default kombu tries for six seconds, and then each write takes
# as long (operations.md 8). Workers and beat go on trying by `CELERY_BROKER_CONNECTION_MAX_RETRIES`.
CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 0.5, "socket_timeout": 5}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Without this Celery closes the database connection around every task: 2.4 x slower (performance.md §3).
CELERY_DB_REUSE_MAX = 1000

# --- sign-in --------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["yancheng_childcare.accounts.signin.PortalBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "yancheng_childcare.accounts.signin.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "yancheng_childcare.accounts.single_sign_on.SocialAccountAdapter"
MFA_ADAPTER = "yancheng_childcare.accounts.second_factor.MFAAdapter"
USERSESSIONS_ADAPTER = "yancheng_childcare.accounts.sessions.UserSessionsAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
# allauth's limits count in the cache, which may be gone: ours (`signin_limits.py`) stand in every form that asks a secret.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
_FORMS = "yancheng_childcare.accounts.signin_forms"
ACCOUNT_FORMS = {"change_password": f"{_FORMS}.ChangePasswordForm", "reset_password": f"{_FORMS}.ResetPasswordForm"}
MFA_FORMS = {"authenticate": f"{_FORMS}.CodeForm", "reauthenticate": f"{_FORMS}.ReauthenticationCodeForm"}
ACCOUNT_SESSION_REMEMBER = False
# One address a person; a new one replaces it when the person has opened the link in the mail.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "【盐城托育平台】"
ACCOUNT_REAUTHENTICATION_REQUIRED = MFA_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_USER_DISPLAY = "yancheng_childcare.accounts.signin.user_display"
SOCIALACCOUNT_ONLY = False
# Whom an identity signs in says `LinkedIdentity`, and for a legal person the credit code in LEGAL_OIDC_USCC_CLAIM.
SIGN_ONS = sign_ons()
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": SIGN_ONS}}
LEGAL_OIDC_USCC_CLAIM = env.str("LEGAL_OIDC_USCC_CLAIM", default="uscc")
# An address still to be confirmed must not keep anybody from setting up the second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "盐城托育平台"
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=not LOCAL)
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_COOKIE_NAME = "sessionid" if LOCAL else "__Host-sessionid"
# Tells a browser that somebody has signed in with before; it opens nothing (`signin_limits.py`).
DEVICE_COOKIE_NAME = "device" if LOCAL else "__Host-device"
DEVICE_COOKIE_AGE = 180 * 86_400  # seconds [A]
CSRF_COOKIE_NAME = "csrftoken" if LOCAL else "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=10) * 3600
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=30)
CSRF_FAILURE_VIEW = "yancheng_childcare.pages.errors.csrf_failure"

# --- transport and content ------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not LOCAL)
SECURE_HSTS_SECONDS = 0 if LOCAL else 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Redirects after a form count too: the sign-in form leads on to the province's service.
        "form-action": [SELF, *origins(SIGN_ONS)],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
IMPORT_MAX_UNPACKED = 200 * 1024 * 1024
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
UPLOAD_QUOTA_MB = env.int("UPLOAD_QUOTA_MB", default=1000)  # kept for one institution, in all [A]
UPLOAD_DAY_MB = env.int("UPLOAD_DAY_MB", default=1000)  # taken in from one member of staff within 24 hours [A]
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=200_000)
UPLOAD_MINUTES = 60  # how long an upload that no case refers to yet stays open to its uploader
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=30)  # [A] import tables are deleted so long after they are done
FILE_FREE_PERCENT = env.int("FILE_FREE_PERCENT", default=10)  # [A] below this free space nothing more is taken in
FILE_ROOT = Path(env.str("FILE_ROOT", default=str(DATA_DIR / "files")))
# The open data's files of the present state; made again when they are gone.
OPEN_DATA_ROOT = Path(env.str("OPEN_DATA_ROOT", default=str(DATA_DIR / "open-data")))
SEAL_ROOT = Path(env.str("SEAL_ROOT", default=str(DATA_DIR / "seals")))  # every seal once more, outside the database
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
if LOCAL:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_MAX_AGE = 60 if LOCAL else 31536000

# --- language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"

# --- mail -----------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url_config(secret("EMAIL_URL", "consolemail://"))
vars().update({key: value for key, value in EMAIL_CONFIG.items() if key.startswith("EMAIL_")})
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")

# --- API ------------------------------------------------------------------------------------------------------------
# Per minute (or /s, /h) and worker process; the anonymous rate is also that of the public pages (`throttles.py`).
API_RATE_ANONYMOUS = env.str("API_RATE_ANONYMOUS", default="600/min")
API_RATE_CLIENT = env.str("API_RATE_CLIENT", default="6000/min")
WRONG_KEYS_A_MINUTE = 60  # per address [A]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "exchange.clients.ApiKeyAuthentication",
        "yancheng_childcare.accounts.signin.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["yancheng_childcare.permissions.PolicyPermission"],
    "DEFAULT_RENDERER_CLASSES": ["yancheng_childcare.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["yancheng_childcare.rendering.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "yancheng_childcare.rendering.problem_response",
    "DEFAULT_THROTTLE_CLASSES": ["yancheng_childcare.throttles.ApiThrottle"],
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "盐城市托育服务公共平台 API",
    "DESCRIPTION": "登记信息写入、事件推送与回执。错误为 RFC 9457，代码稳定，说明为中文。",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "DeliveryStatusEnum": "exchange.choices.DeliveryStatus",
        "EndpointStatusEnum": "exchange.choices.EndpointStatus",
        "EventTypeEnum": "exchange.choices.EventType",
        "ProblemLevelEnum": ["BLOCK", "WARN"],
        "FilingKindEnum": "registry.choices.FilingKind",
        "FilingStatusEnum": "registry.choices.FilingStatus",
        "ItemVerdictEnum": "registry.choices.ItemVerdict",
        "PublicStatusEnum": "registry.choices.PublicStatus",
        "RegistrationStatusEnum": "registry.choices.RegistrationStatus",
    },
}

# --- logs: JSON, ids kept, persons masked ---------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "once": {"()": "yancheng_childcare.tracebacks.OnceFilter"},
        "scrub": {"()": "yancheng_childcare.tracebacks.ScrubFilter"},
        "mask": {"()": "yancheng_childcare.masking.MaskingFilter"},
    },
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": log_lines.STEPS,
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["once", "scrub", "mask"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False},
        "pgtrigger": {"level": "WARNING"},  # else a line for each trigger at every migrate
    },
}
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request says all: the one at its end

# Triggers are what the models say, installed whenever `migrate` has run; in migrations each would reload every model.
PGTRIGGER_MIGRATIONS = False
PGTRIGGER_INSTALL_ON_MIGRATE = True
PGHISTORY_APPEND_ONLY = True
PGHISTORY_DEFAULT_TRACKERS = None
HISTORY_MAY_REST = ("registry.Institution",)  # an import writes their first history itself, by set

# --- our own choices ([A] in the domain file): never called law on screen -------------------------------------------
RECEIPT_CUTOFF = time(17, 30)  # what arrives later counts as received the next day
API_KEY_DAYS = env.int("API_KEY_DAYS", default=365)  # how long a new API key works
# How long a former API key works beside the one that replaced it.
API_KEY_OVERLAP_HOURS = env.int("API_KEY_OVERLAP_HOURS", default=24)
PUSH_ALARM_MINUTES = 15
UNFILED_REMIND_DAYS = 30
# Looks at full personal numbers by one person in an hour beyond which the auditors are told (reliability.md T17).
REVEALS_PER_HOUR = env.int("REVEALS_PER_HOUR", default=50)
UNFILED_GOVERN_DAYS = 60
POLICE_ADVICE_WORKDAYS = 10
PLEDGE_VERSION = "2026-12"
SITE_CHECK_OFFICERS = 2
# A visit that is late already is planned within these days ([A]).
LATE_VISIT_DAYS = 15
RECHECK_WORKDAYS = 5  # from the day a rectification came in to the second visit, unless a reviewer moves it
RECTIFICATION_DAYS = 30
CHANGE_FILING_DAYS = 15
CHANGE_REVIEW_WORKDAYS = 5
CLOSURE_NOTICE_DAYS = 30
SUSPENSION_NOTICE_DAYS = 7
CLOSURE_DECISION_WORKDAYS = 10  # from the day the service stops; none is given for 注销备案
EXPIRY_NOTICE_DAYS = (60, 30, 15, 7, 1)
HEALTH_EXPIRY_NOTICE_DAYS = (45, 30, 15, 7, 1)
YEARLY_CONFIRMATION_DAYS = 365
LETTER_HOLD_MINUTES = 10  # a signed letter may be recalled for so long [A]
# The public register
PUBLIC_STALE_DAYS = 90  # what an institution has not confirmed for so long is greyed
PUBLIC_REPORT_WORKDAYS = 5  # an error report is answered within
PUBLIC_CHECKED_DAYS = 365
PUBLIC_SEARCH_CAP = 1000  # counted exactly up to here, then “超过 1,000 家”
PUBLIC_MAX_AGE = 5  # seconds a shared cache may keep a public page
# What users of the open data may do; the portal's own statement, no legal term.
OPEN_DATA_LICENCE = env.str(
    "OPEN_DATA_LICENCE",
    default="任何人可以免费使用、复制、加工和传播，包括商业使用；请注明来源“盐城市托育服务公共平台”和数据更新日期，"
    "加工后的结果不得标为本平台发布。",
)
SUBSCRIPTION_CONFIRM_HOURS = 48  # then the address is deleted
SUBSCRIPTION_MAILS_A_DAY = 3  # confirmation mails per address and target
SUBSCRIPTION_REQUESTS_A_DAY = 10  # per address
SUBSCRIPTION_REQUESTS_AN_HOUR = env.int("SUBSCRIPTION_REQUESTS_AN_HOUR", default=30)  # per network address
