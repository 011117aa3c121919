"""``wellspent``: the command line. A command's module is imported when the command is called, so that help and status line stay quick.

Exit codes: 0 done, 1 failed, 2 used wrongly, 3 a threshold is crossed, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wellspent import __version__
from wellspent.facts.errors import ConfigError, InvalidInput, WellspentError

if TYPE_CHECKING:
    from cyclopts import App

HERE = "wellspent.surfaces.cli"
RUN, SEE, LIMIT, BUY, WHO = "Run", "See", "Limit", "What it buys", "Who"
COMMANDS = (
    (RUN, "serve", "serve:serve", "Start the gateway and its page."),
    (RUN, "demo", "serve:demo", "Start everything on a made-up company, with live traffic."),
    (RUN, "doctor", "doctor:doctor", "Check configuration, provider keys, clock, disk, port and journal, and say what to do."),
    (RUN, "conformance", "conformance:conformance", "Test any gateway: does it bill right, and does it hold its budgets?"),
    (RUN, "config show", "config:show", "Show every setting, and with --origin where its value comes from."),
    (SEE, "logs", "logs:logs_report", "Report what the coding agents of this machine spent, from their own logs (same as no command)."),
    (SEE, "spend", "spend:spend", "Report what was spent through the gateway."),
    (SEE, "receipt", "receipt:receipt", "Show how a call was charged, line by line."),
    (SEE, "watch", "watch:watch", "Show calls as they end."),
    (SEE, "statusline", "statusline:statusline", "Print one short line for a prompt or an agent's status line."),
    (SEE, "ledger verify", "ledger:verify", "Re-derive the journal's hash chain and balances."),
    (SEE, "ledger seal", "ledger:seal", "Seal closed days into Parquet files."),
    (LIMIT, "budgets list", "budgets:list_budgets", "List budgets and where each stands."),
    (LIMIT, "budgets show", "budgets:show", "Show one budget with its windows."),
    (LIMIT, "budgets set", "budgets:set_budget", "Add a budget, or change it."),
    (LIMIT, "budgets remove", "budgets:remove", "Remove a budget."),
    (LIMIT, "policies list", "policies:list_policies", "List allow-lists, rates and stopped scopes."),
    (LIMIT, "policies set", "policies:set_policy", "Set a scope's allow-list of models and its rates."),
    (LIMIT, "policies remove", "policies:remove", "Remove a scope's policy."),
    (LIMIT, "stop", "policies:stop", "Stop a scope: none of its calls pass until it is resumed."),
    (LIMIT, "resume", "policies:resume", "Let a stopped scope call again."),
    (LIMIT, "check", "check:check", "Exit with 3 when budgets are used beyond a share or an amount."),
    (BUY, "value", "value:value", "Report what spending bought: outcomes, what was spent on each, and how surely."),
    (BUY, "rework", "rework:rework", "Report how long lines of code live, from git history."),
    (BUY, "durability", "durability:durability", "Report whether the code we paid for survives, and what its rework costs."),
    (BUY, "delays", "delays:delays_report", "Report what changes waited for, what their review took, and what that cost."),
    (BUY, "reviews fetch", "reviews:fetch", "Ask GitHub or GitLab what happened to the changes of a repository."),
    (BUY, "reviews import", "reviews:import_reviews", "Take what happened to changes from a file, each thing once."),
    (BUY, "reviews show", "reviews:show", "Show all that is known of one change."),
    (BUY, "statement make", "statement:make", "State what a period cost and what it bought, to be signed (same as: statement)."),
    (BUY, "statement list", "statement:list_statements", "List the statements that were issued."),
    (BUY, "statement show", "statement:show", "Show a statement as it was issued."),
    (BUY, "initiatives list", "initiatives:list_initiatives", "List pilots: cost, outcomes, evidence, and who is to decide when."),
    (BUY, "initiatives show", "initiatives:show", "Show one pilot, what its evidence suggests, and its history."),
    (BUY, "initiatives set", "initiatives:set_initiative", "Begin a pilot, or change it."),
    (BUY, "initiatives decide", "initiatives:decide", "Decide a pilot: scale, stop or change."),
    (BUY, "initiatives remove", "initiatives:remove", "Remove a pilot from the list; its history stays."),
    (BUY, "effect", "effect:effect", "Report what an experiment or a comparison found: differences with their intervals, or no evidence."),
    (BUY, "experiments list", "experiments:list_experiments", "List experiments and comparisons."),
    (BUY, "experiments assign", "experiments:assign", "Say in which arm of an experiment a unit is."),
    (BUY, "contract check", "contract:check", "Count history by a contract, and by a changed one beside it."),
    (BUY, "contract bill", "contract:bill", "Hold a vendor's bill of outcomes against your own count."),
    (BUY, "contract compare", "compare:compare", "Say when paying a vendor by outcome would be cheaper than paying for tokens."),
    (BUY, "outcomes import", "outcomes:import_outcomes", "Take outcomes from a file, each once."),
    (BUY, "outcomes list", "outcomes:list_outcomes", "List outcomes as they stand."),
    (BUY, "outcomes show", "outcomes:show", "Show all that was said of one outcome."),
    (WHO, "keys list", "keys:list_keys", "List keys."),
    (WHO, "keys create", "keys:create", "Make a key and print its secret, once."),
    (WHO, "keys revoke", "keys:revoke", "Take a key back, for ever."),
    (WHO, "people list", "directory:list_people", "List people."),
    (WHO, "people add", "directory:add_person", "Add a person, or change them."),
    (WHO, "people remove", "directory:remove_person", "Remove a person; what they spent stays in the ledger."),
    (WHO, "teams list", "directory:list_teams", "List teams."),
    (WHO, "teams add", "directory:add_team", "Add a team, or change it."),
    (WHO, "teams remove", "directory:remove_team", "Remove a team; what it spent stays in the ledger."),
    (WHO, "projects list", "directory:list_projects", "List projects."),
    (WHO, "projects add", "directory:add_project", "Add a project, or change it."),
    (WHO, "projects remove", "directory:remove_project", "Remove a project; what was spent on it stays in the ledger."),
    (WHO, "audit", "audit:audit", "Show who changed which setting, when, and from what to what."),
)
FAMILIES = {
    "config": "The configuration.",
    "ledger": "The journal of entries.",
    "budgets": "Limits on spending.",
    "policies": "Allow-lists, rates and the kill switch.",
    "statement": "Statements of a month, a quarter or a fiscal year, kept as issued.",
    "initiatives": "Pilots: who owns them, what they cost and brought, what was decided. Alone, it lists them.",
    "experiments": "What chance assigns, so that its effect can be known.",
    "contract": "What counts as an outcome, and what a vendor charges for it.",
    "outcomes": "What the business wanted, that happened or was undone.",
    "reviews": "What happened to changes between their opening and their merge.",
    "keys": "Keys that callers show.",
    "people": "People who spend.",
    "teams": "Teams that are charged.",
    "projects": "Projects that are charged.",
}
ALONE = {"initiatives": "list"}  # what a family does where nothing more is said
FLAGGED = {**ALONE, "statement": "make"}  # and where only flags are
SENTENCE = "Every AI dollar: allowed before it is spent, recorded exactly, tied to what it bought."
EPILOGUE = """Without a command: what the coding agents of this machine spent.
Every command takes --help, --config FILE and --data-dir DIR; every report --json and --csv.
Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 used wrongly, 3 a threshold is crossed."""


def build_app() -> "App":
    """The whole command tree, without any command's module."""
    from cyclopts import App, Group

    groups = {name: Group(name, sort_key=number) for number, name in enumerate((RUN, SEE, LIMIT, BUY, WHO))}
    app = App(
        name="wellspent",
        help=SENTENCE,
        version=__version__,
        help_format="plaintext",
        result_action="return_int_as_exit_code_else_zero",
    )
    families: dict[str, App] = {}
    for group, words, target, summary in COMMANDS:
        family, _, name = words.rpartition(" ")
        if family and family not in families:
            families[family] = App(name=family, help=FAMILIES[family], group=groups[group])
            app.command(families[family])
        if family:
            families[family].command(f"{HERE}.{target}", name=name, help=summary)
        else:
            app.command(f"{HERE}.{target}", name=name, help=summary, group=groups[group])
    return app


def front_page() -> str:
    """What ``wellspent --help`` prints: every command at a glance, without the time it takes to load the parser."""
    lines = ["Usage: wellspent COMMAND", "", SENTENCE]
    width = max(len(words) for _, words, _, _ in COMMANDS)
    for group in dict.fromkeys(group for group, _, _, _ in COMMANDS):
        lines += ["", group]
        lines += [f"  {words:<{width}}  {summary}" for each, words, _, summary in COMMANDS if each == group]
    return "\n".join([*lines, "", EPILOGUE])


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except WellspentError as error:
        _tell(error)
        return 2 if isinstance(error, InvalidInput | ConfigError) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output went away, e.g. head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__module__ != "sqlite3":
            raise
        _tell(WellspentError(f"a file cannot be used: {error}", fix="run: wellspent doctor"))
        return 1


def _run(arguments: list[str]) -> int:
    if arguments[:1] == ["statusline"]:
        from wellspent.surfaces.cli.statusline import fast

        if fast(arguments[1:], os.environ):
            return 0
    if arguments in (["--help"], ["-h"], ["--version"]):
        print(__version__ if arguments == ["--version"] else front_page())
        return 0
    from cyclopts import CycloptsError

    app = build_app()
    if not arguments or arguments[0].startswith("-"):
        arguments = ["logs", *arguments]
    arguments = _with_default(*arguments)
    try:
        code = app(arguments, exit_on_error=False)
    except CycloptsError:  # already printed
        return 2
    sys.stdout.flush()
    return int(code or 0)


def _with_default(family: str, *rest: str) -> list[str]:
    """The command that a family stands for where none of its own is named."""
    flagged = rest[:1] != () and rest[0].startswith("-") and rest[0] not in ("--help", "-h")
    default = FLAGGED.get(family) if flagged else None if rest else ALONE.get(family)
    return [family, *([default] if default else []), *rest]


def _tell(error: WellspentError) -> None:
    message = str(error.args[0]) if error.args else type(error).__name__
    print(f"wellspent: {message}", file=sys.stderr)
    if error.fix:
        print(f"  to do: {error.fix}", file=sys.stderr)
