"""Why something could not be sent, and what follows from it. `reason` is for the agent, in plain words."""


class SendFailed(Exception):
    """Base. `code` is the platform's, for the log and for whoever asks its support."""

    retryable = False  # whether it makes sense that the agent tries again

    def __init__(self, reason: str, code: str = ""):
        super().__init__(reason)
        self.reason, self.code = reason, code


class Refused(SendFailed):
    """This message will not be taken, however often it is tried."""


class Broken(Refused):
    """It could not be taken like this; once more may help."""

    retryable = True


class WindowClosed(SendFailed):
    """The time to answer is over until the customer writes again."""


class Unreachable(SendFailed):
    """The customer blocked the page, left, or cannot be written to."""


class NeedsReauth(SendFailed):
    """The token is dead, or may not do this any more: nothing of this channel leaves until it is connected anew."""


class Restricted(SendFailed):
    """The platform has restricted the account: nothing leaves for a while."""


class TryLater(SendFailed):
    """Surely not sent. `after`: seconds that the platform asks to wait, or None."""

    retryable = True

    def __init__(self, reason: str, code: str = "", after: float | None = None):
        super().__init__(reason, code)
        self.after = after


class Unknown(SendFailed):
    """Sent or not: nobody knows. Only an echo can tell."""

    retryable = True
