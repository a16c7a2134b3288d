"""The command line: one short module a verb, each imported only when its verb is called."""

from nordocr.cli.app import main

__all__ = ["main"]
