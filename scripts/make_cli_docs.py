"""Writes docs/cli.md from the commands themselves: ``python scripts/make_cli_docs.py``; with ``--check`` only says whether it is current."""

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from wellspent.surfaces.cli.app import COMMANDS, EPILOGUE, HERE, SENTENCE, build_app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
INTRO = f"""# Command line

{SENTENCE}

This page is made from the commands by `python scripts/make_cli_docs.py`.

{" ".join(EPILOGUE.splitlines())}

Times are written `2026-11-23`, `2026-11`, `2026-11-23T14:00`, `today`, `yesterday`, `this-week`, `this-month`, `this-year`, or `24h`, `7d`,
`2w` (ago). A budget in dollars is written `500` or `$500`, in tokens `2M tokens`, in calls `1000 calls`.
What cannot be undone is asked first; where nobody can answer, add `--yes`.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | failed; stderr says why, and what to do |
| 2 | used wrongly: an unknown flag, a value that cannot be, a configuration that cannot be read |
| 3 | a threshold is crossed (`wellspent check`), a bill is disputed (`wellspent contract bill`), a decision is overdue (`wellspent initiatives`) |
| 130 | interrupted |
"""
METAVARS = {"config": "FILE", "data-dir": "DIR"}
PLAIN = {"str": "TEXT", "int": "NUMBER", "Path": "PATH"}


def page() -> str:
    """The whole page."""
    app = build_app()
    parts = [INTRO]
    group = ""
    for each, words, target, summary in COMMANDS:
        if each != group:
            group = each
            parts.append(f"## {group}\n")
        parts.append("\n".join(section(app, words, target, summary)) + "\n")
    return "\n".join(parts)


def section(app: Any, words: str, target: str, summary: str) -> Iterator[str]:
    """One command: what it does, how it is called, its flags."""
    command = app
    for word in words.split():
        command = command[word]
    arguments = [each for each in command.assemble_argument_collection(parse_docstring=True) if each.show]
    own = [each for each in arguments if _group(each) != "Everywhere"]
    everywhere = [_flag(each) for each in arguments if _group(each) == "Everywhere"]
    places = [_name(each).upper().replace("-", "_") for each in own if each.index is not None]
    options = " [OPTIONS]" if len(own) > len(places) or everywhere else ""
    yield f"### wellspent {words}\n"
    yield f"{_said(target) or summary}\n"
    yield f"```text\nwellspent {' '.join([words, *places])}{options}\n```\n"
    for each in own:
        yield f"- {_line(each)}"
    if everywhere:
        yield f"- Everywhere: {', '.join(everywhere)}"


def _said(target: str) -> str:
    """The command's own words, its arguments left out."""
    module, _, name = target.partition(":")
    text = inspect.getdoc(getattr(import_module(f"{HERE}.{module}"), name)) or ""
    return " ".join(text.partition("\nArgs:")[0].split())


def _line(argument: Any) -> str:
    shown = f"`{_name(argument).upper().replace('-', '_')}`" if argument.index is not None else _flag(argument)
    text = " ".join((argument.parameter.help or "").split())
    default = argument.field_info.default
    choices = argument.get_choices()
    extra = []
    if argument.required:
        extra.append("required")
    if choices:
        extra.append("one of " + ", ".join(f"`{choice}`" for choice in choices))
    if default not in (None, "", (), False, inspect.Parameter.empty):
        extra.append(f"default `{default}`")
    more = f" ({'; '.join(extra)})" if extra else ""
    return f"{shown}{f': {text}' if text else ''}{more}"


def _flag(argument: Any) -> str:
    name = _name(argument)
    kind = METAVARS.get(name) or next((word for plain, word in PLAIN.items() if plain in str(argument.hint)), "")
    takes = "" if argument.hint is bool else f" {kind or 'VALUE'}"
    return f"`--{name}{takes}`"


def _name(argument: Any) -> str:
    return str(argument.names[0]).removeprefix("--")


def _group(argument: Any) -> str:
    return str(argument.parameter.group[0].name) if argument.parameter.group else ""


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print("docs/cli.md is current" if current else "docs/cli.md is not current; run: python scripts/make_cli_docs.py")
        return 0 if current else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
