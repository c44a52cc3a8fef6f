"""A registered document and an object → PDF/UA-1. Reads only our own static files, never the network."""

import atexit
import gc
import os
import threading
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from celery.signals import worker_process_shutdown
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from sopr.audit.log import record

from .registry import Document
from .typo import typo_html

STATIC = Path(settings.BASE_DIR, "static").resolve()
DRAFT = "ПРОЕКТ"


class StaticFiles(URLFetcher):
    """Lets a document read the files of static/ and nothing else: no network, no other file of the machine."""

    def fetch(self, url, headers=None):
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        if parts.scheme != "file" or not path.is_relative_to(STATIC):
            raise ValueError("A printed document may read only our static files.")
        return super().fetch(url, headers)


@cache
def _fonts(process, thread) -> FontConfiguration:
    """Our fonts, read once by each process and thread: a configuration for every document is never wholly freed.

    It keeps copies of the fonts in a temporary folder, which goes with it.
    """
    return FontConfiguration()


def _let_fonts_go(**_):
    """Drop them with their folders, of which their own cycles would otherwise keep hold to the end."""
    _fonts.cache_clear()
    gc.collect()


atexit.register(_let_fonts_go)
worker_process_shutdown.connect(_let_fonts_go)  # a process of Celery's pool ends without atexit


def render_html(document: Document, obj, **options) -> str:
    """The page from which the PDF is made.

    The context's `status` is printed on top of every sheet; a context that does not speak of it gets ПРОЕКТ, so
    that nothing unsigned looks final by oversight. A signed or to-be-signed-on-paper print says `status=""`.
    """
    context = {"status": DRAFT, "long": document.long, **document.context(obj, **options)}
    return typo_html(render_to_string(document.template, context))


def render_pdf(document: Document, obj, *, by, organisation=None, **options) -> bytes:
    """Print an object and record it in the audit log as an act of `by` (a user, or None for the system).

    `organisation` is where it happened, by default the user's own.
    `options` go to the context function of the document. Takes about 0.3 s a page: documents over 50 pages
    belong into the worker.
    """
    page = HTML(
        string=render_html(document, obj, **options),
        base_url=f"{STATIC.as_uri()}/documents/",
        url_fetcher=StaticFiles(),
    )
    pdf = page.write_pdf(pdf_variant="pdf/ua-1", font_config=_fonts(os.getpid(), threading.get_ident()))
    record(by, "print", obj, organisation=organisation, detail={"document": document.code})
    return pdf


def pdf_response(document: Document, obj, *, by, attachment: bool = False, **options) -> HttpResponse:
    """The printed object as an HTTP answer, shown in the browser or (`attachment`) saved as a file.

    The file name is neutral: kind, number, year, no names of people. The answer is not kept in any cache.
    """
    name = f"{document.stem(obj)}.pdf"  # first: a bad name must not leave a recorded print behind
    response = HttpResponse(render_pdf(document, obj, by=by, **options), content_type="application/pdf")
    response["Content-Disposition"] = f'{"attachment" if attachment else "inline"}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
