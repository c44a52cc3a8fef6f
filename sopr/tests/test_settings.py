"""The start as an operator meets it: each case is a process of its own with its own environment."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


def start(tmp_path, code="from django.conf import settings; settings.DEBUG", **environment):
    """Run `code` under our settings, outside the tests' own mode."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SOPR_")}
    for name in ("PYTEST_VERSION", "DATABASE_URL", "REDIS_URL"):
        env.pop(name, None)
    env |= {"DJANGO_SETTINGS_MODULE": "sopr.settings", "SOPR_VAR": str(tmp_path), **environment}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("missing", ["SOPR_SECRET_KEY", "SOPR_AUDIT_KEY"])
def test_an_unset_secret_stops_the_start(tmp_path, missing):
    secrets = {"SOPR_SECRET_KEY": "one", "SOPR_AUDIT_KEY": "two"}
    del secrets[missing]
    done = start(tmp_path, **secrets)
    assert done.returncode
    assert f"{missing} is not set" in done.stderr


def test_debug_does_without_secrets(tmp_path):
    assert start(tmp_path, SOPR_DEBUG="1").returncode == 0


def test_production_speaks_https_unless_told_otherwise(tmp_path):
    ask = "from django.conf import settings; print(settings.SESSION_COOKIE_SECURE, settings.DEBUG)"
    keys = {"SOPR_SECRET_KEY": "one", "SOPR_AUDIT_KEY": "two"}
    assert start(tmp_path, ask, **keys).stdout.split() == ["True", "False"]
    assert start(tmp_path, ask, SOPR_HTTPS="0", **keys).stdout.split() == ["False", "False"]


def test_sqlite_starts_with_its_safeguards(tmp_path):
    ask = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in ("journal_mode", "foreign_keys", "busy_timeout"):
        print(cursor.execute(f"PRAGMA {name}").fetchone()[0])
"""
    done = start(tmp_path, ask, SOPR_DEBUG="1")
    assert done.stdout.split() == ["wal", "1", "20000"], done.stderr


def test_the_log_says_where_and_not_what(tmp_path):
    ask = """
import django; django.setup()
import logging
try:
    int("Иванова Мария")
except ValueError:
    logging.getLogger("django.request").exception("Internal Server Error: /families/17/")
"""
    done = start(tmp_path, ask, SOPR_SECRET_KEY="one", SOPR_AUDIT_KEY="two")
    assert "/families/17/" in done.stderr
    assert "builtins.ValueError" in done.stderr
    assert "Иванова" not in done.stderr


def test_a_failed_task_leaves_no_text_in_the_log_either(tmp_path):
    ask = """
import django; django.setup()
from sopr.celery import app

@app.task(name="fail")
def fail():
    int("Иванова Мария")

fail.apply(throw=False)
"""
    done = start(tmp_path, ask, SOPR_SECRET_KEY="one", SOPR_AUDIT_KEY="two")
    assert "Task fail" in done.stderr
    assert "builtins.ValueError" in done.stderr
    assert "Иванова" not in done.stderr
