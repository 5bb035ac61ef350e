"""The command `oathdesk`: one module for each of its sub-commands."""

from app.cli.command_line import has_display, main, parser

__all__ = ["has_display", "main", "parser"]
