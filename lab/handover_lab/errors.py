"""What can go wrong and is told to the user as one message, without a traceback."""


class LabError(Exception):
    """The message says what happened and what to do; the exit code is 1."""


class Interrupted(LabError):
    """The user or the session ended this verb by a signal."""
