"""What can go wrong, each with its exit code and one line for the person at the terminal."""

OK, FAILED, USAGE, NOT_LOGGED_IN, UNREACHABLE = 0, 1, 2, 3, 4
INTERRUPTED = 130


class Failure(Exception):
    """Ends a command. `code` is the platform's error code, or one of ours."""

    exit_code = FAILED

    def __init__(self, message: str, *, code: str = "failed", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status

    @property
    def may_pass(self) -> bool:
        """Whether the same may work in a moment: the platform is restarting, or asks for patience."""
        return self.status is not None and (self.status >= 500 or self.status == 429)


class Misused(Failure):
    """The command line says something that cannot be done."""

    exit_code = USAGE


class NotLoggedIn(Failure):
    """There is no credential, or the platform does not take it."""

    exit_code = NOT_LOGGED_IN


class Unreachable(Failure):
    """The platform does not answer."""

    exit_code = UNREACHABLE
    may_pass = True
