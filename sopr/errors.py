"""The one exception of the domain: a verb asked for at the wrong moment."""


class Refused(Exception):
    """Raised by a verb that may not run now.

    ``message`` is a Russian sentence for the person at the screen: what is wrong and what to do about it. It never
    holds personal data, because it can end up in a log.
    """

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message
