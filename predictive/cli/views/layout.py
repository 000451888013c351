"""Pieces that every view is put together from: titles, tables, bars, next steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

BAR_CELLS = 40


def title(console: Console, subject: str, rest: str = "") -> None:
    """The first line: what this is about, in bold."""
    console.print(f"\n[bold]{escape(subject)}[/] {escape(rest)}".rstrip())


def sentence(console: Console, text: str, style: str = "") -> None:
    """One line of prose; nothing in it is markup."""
    console.print(Text(text, style=style))


def older_ones(console: Console, report: Mapping[str, Any]) -> None:
    """That a list, newest first, goes on, where it does."""
    if report["next_cursor"] is not None:
        sentence(console, "\nThere are older ones: give a larger --limit.", "dim")


def facts(console: Console, pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values in two columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, value in pairs:
        table.add_row(Text(name), Text(value))
    console.print(table)


def grid(
    console: Console,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    rest: Literal["left", "right"] = "right",
    copied: bool = False,
) -> None:
    """A table whose first column holds names; ``rest`` aligns the others, which hold numbers.

    With ``copied``, names are never wrapped, so that each can be copied in one piece. Other
    cells that are too long go on in the next line: none loses its end.
    """
    # Two blanks between columns in place of three: most tables then fit a terminal of 80.
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for position, name in enumerate(header):
        table.add_column(
            Text(name),
            justify=rest if position else "left",
            no_wrap=copied and not position,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def bar(console: Console, share: float, style: str) -> Text:
    """A bar that is filled to ``share`` of its length, in ASCII where the terminal is.

    >>> bar(Console(), 0.25, "green").cell_len
    40
    """
    full, empty = ("#", "-") if console.options.ascii_only else ("█", "░")
    filled = round(BAR_CELLS * min(max(share, 0.0), 1.0))
    return Text(full * filled, style=style) + Text(empty * (BAR_CELLS - filled), style="dim")


def labelled_bar(console: Console, label: str, share: float, words: str, style: str) -> None:
    """A bar with its name before it and its meaning behind it."""
    line = Table.grid(padding=(0, 1))
    line.add_column(width=18, no_wrap=True)
    line.add_column(no_wrap=True)
    line.add_column()
    line.add_row(Text(label), bar(console, share, style), Text(words))
    console.print(line)


def next_steps(console: Console, steps: Sequence[tuple[str, str]]) -> None:
    """Commands that make sense now, each with what it is good for."""
    console.print()
    width = max(len(command) for command, _ in steps)
    for index, (command, reason) in enumerate(steps):
        lead = "Next:  " if index == 0 else " " * 7
        line = Text.assemble((lead, "dim"), (command.ljust(width), "cyan"), ("  " + reason, "dim"))
        # Wrapped by the terminal, if at all: a command must stay one line to be copied.
        console.print(line, soft_wrap=True)
