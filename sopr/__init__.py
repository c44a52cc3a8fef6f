from sopr.celery import app as celery_app

__version__ = "0.7.0"  # of the product: signed reports keep it

__all__ = ["__version__", "celery_app"]
