"""`tableport`: reads the command line, runs one command, and turns failures into one line and an exit code."""

import sys
from argparse import ArgumentParser
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from tableport import commands
from tableport import credentials
from tableport import pairing
from tableport import spans
from tableport.calls import Platform
from tableport.failures import INTERRUPTED
from tableport.failures import OK
from tableport.failures import Failure
from tableport.failures import Misused
from tableport.forward import Receiver
from tableport.listening import Listening
from tableport.listening import Wish
from tableport.output import Output

DESCRIPTION = "The command-line client of Tableport: work with your sandbox from this machine."
EPILOG = """exit codes: 0 done, 1 refused, 2 wrong command line, 3 not logged in, 4 platform not reached, 130 interrupted.
TABLEPORT_CLI_KEY holds an API key for machines where nobody can log in, TABLEPORT_CLI_BASE_URL their installation."""
MOST_SHOWN = 100


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    options = _parser().parse_args(arguments)
    output = Output(is_json=options.json)
    try:
        options.base_url = (options.base_url or credentials.usual_base_url()).rstrip("/")
        options.run(options, output)
    except Failure as failure:
        return output.fail(failure)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has had enough
        return OK
    return OK


def _parser() -> ArgumentParser:
    parser = ArgumentParser("tableport", description=DESCRIPTION, epilog=EPILOG)
    commands_of = parser.add_subparsers(title="commands", required=True, metavar="<command>")

    def command(name: str, run: Callable[[Namespace, Output], None], about: str) -> ArgumentParser:
        added = commands_of.add_parser(name, help=about, description=about)
        added.add_argument("--base-url", metavar="URL", help=f"the installation (the last login's, else {credentials.BASE_URL})")
        added.add_argument("--json", action="store_true", help="print JSON, one document a line")
        added.add_argument("--machine", help="what this machine is called (its host name)")
        added.set_defaults(run=run)
        return added

    command("login", _log_in, "pair this machine with an application's sandbox, in the portal")
    command("logout", _log_out, "end this machine's key and remove its listener")
    command("whoami", _whoami, "say which key this machine uses")
    _listen_options(command("listen", _listen, "forward webhooks to this machine"))
    added = command("trigger", _trigger, "make an event happen")
    added.add_argument("type", help="an event type, e.g. order.created")
    added.add_argument("--object", dest="object_id", metavar="ID", help="what it is about; default: the newest of its kind")
    added.add_argument("--override", action="append", default=[], metavar="FIELD=VALUE", help="show another value")
    added = command("resend", _resend, "send an event to this machine's listener again")
    added.add_argument("event_id", metavar="evt_…")
    added.add_argument("--webhook", metavar="we_…", help="another endpoint")
    added = command("events", _events, "list the newest events")
    added.add_argument("--since", metavar="SPAN", help="those of the last 30m, 2h, 1d")
    added.add_argument("--types", help="exact types, separated by commas")
    added.add_argument("--limit", type=_count, default=25)
    added = command("logs", _logs, "list the newest calls")
    added.add_argument("--follow", action="store_true", help="go on with those that come")
    added.add_argument("--status", metavar="4xx", help="404, or 4xx for all of them")
    added.add_argument("--limit", type=_count, default=25)
    return parser


def _listen_options(added: ArgumentParser) -> None:
    added.add_argument("--forward-to", metavar="URL", help="your receiver, e.g. http://localhost:3000/hooks")
    added.add_argument("--events", metavar="TYPES", help="e.g. 'order.*,payment.confirmed'; default: all")
    added.add_argument("--since", metavar="SPAN", help="also send what happened in the last 30m, 2h, 1d")
    added.add_argument("--location", metavar="loc_…", help="forward this location's events only")
    added.add_argument("--print-secret", action="store_true", help="print the signing secret and end")
    added.add_argument("--skip-verify-tls", action="store_true", help="do not check your receiver's certificate")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_SHOWN):
        raise ValueError
    return int(text)


def _platform(options: Namespace) -> Platform:
    return Platform(options.base_url, credentials.find(options.base_url).api_key)


def _machine(options: Namespace) -> str:
    """As told, as logged in, or by the host's name."""
    if options.machine:
        return credentials.machine_name(options.machine)
    return credentials.find(options.base_url).machine or credentials.machine_name()


def _log_in(options: Namespace, output: Output) -> None:
    pairing.log_in(options.base_url, credentials.machine_name(options.machine), output)


def _log_out(options: Namespace, output: Output) -> None:
    pairing.log_out(options.base_url, credentials.machine_name(options.machine), output)


def _whoami(options: Namespace, output: Output) -> None:
    known = credentials.find(options.base_url)
    commands.whoami(_platform(options), output, application=known.application, machine=_machine(options))


def _listen(options: Namespace, output: Output) -> None:
    platform = _platform(options)
    wish = Wish(
        _machine(options), _wanted_types(platform, options.events), spans.seconds(options.since) if options.since else 0,
        options.location,
    )  # fmt: skip
    listening = Listening(platform, wish, _receiver(options), output)
    if options.print_secret:
        secret = listening.open(0)["secret"]
        output.result({"secret": secret}, secret)
        return
    try:
        listening.run()
    except KeyboardInterrupt:
        output.say("> Stopped. What is under way is held; --since brings what happens until you listen again.")


def _wanted_types(platform: Platform, patterns: str | None) -> list[str]:
    if patterns is None:
        return ["*"]
    catalogue: list[dict[str, Any]] = platform.get("/v1/event-types")["data"]
    return spans.event_types(patterns, catalogue, set(platform.get("/v1/me")["scopes"]))


def _receiver(options: Namespace) -> Receiver | None:
    if options.forward_to is None:
        return None
    url = options.forward_to if "://" in options.forward_to else f"http://{options.forward_to}"
    if not url.startswith(("http://", "https://")):
        raise Misused(f"{options.forward_to!r} is no http or https address", code="usage")
    return Receiver(url, verifies_tls=not options.skip_verify_tls)


def _trigger(options: Namespace, output: Output) -> None:
    commands.trigger(
        _platform(options), output, kind=options.type, object_id=options.object_id,
        overrides=spans.overrides(options.override),
    )  # fmt: skip


def _resend(options: Namespace, output: Output) -> None:
    commands.resend(
        _platform(options), output, event_id=options.event_id, webhook_id=options.webhook, machine=_machine(options)
    )


def _events(options: Namespace, output: Output) -> None:
    since_s = spans.seconds(options.since) if options.since else None
    commands.events(_platform(options), output, since_s=since_s, types=options.types, limit=options.limit)


def _logs(options: Namespace, output: Output) -> None:
    commands.logs(_platform(options), output, status=options.status, limit=options.limit, follows=options.follow)
