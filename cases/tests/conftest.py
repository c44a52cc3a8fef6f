"""A case at its main stages, and a browser of a named person."""

import pytest
from django.test import Client
from django.urls import reverse

from sopr.tests.casework import activate, open_case


class Browser:
    """A signed-in person's browser that names pages as the code does."""

    def __init__(self, user):
        self.client = Client()
        self.client.force_login(user)

    def get(self, name, *args, **query):
        return self.client.get(reverse(name, args=args), query)

    def post(self, name, *args, **data):
        return self.client.post(reverse(name, args=args), data)


@pytest.fixture
def enter():
    return Browser


@pytest.fixture
def case(world):
    return open_case(world)


@pytest.fixture
def active(world):
    return activate(world)
