"""One exception class for each kind of failure that a user can meet, each with its own exit code.

A message is one sentence that names the file or key and says what is wrong with it. The command line prints it and
exits with ``exit_code``; a traceback is shown only for defects of nordocr itself. One class and one code per kind of
failure follows OCRmyPDF's ``ExitCode``.
"""

from __future__ import annotations

from typing import ClassVar


class NordocrError(Exception):
    """Base of every failure that a user can cause or fix.

    Attributes:
        exit_code: The exit status of the command line.
    """

    exit_code: ClassVar[int] = 1


class UsageError(NordocrError):
    """The command line asks for something that does not exist, or options contradict each other."""

    exit_code = 2


class InputMissing(NordocrError):
    """A file or folder that was named does not exist."""

    exit_code = 3


class InputUnreadable(NordocrError):
    """A file exists but cannot be read: it is damaged, truncated or of an unknown kind."""

    exit_code = 4


class InputTooLarge(NordocrError):
    """A file, page or document exceeds a limit on bytes, pixels, pages or time."""

    exit_code = 5


class InputEncrypted(NordocrError):
    """A PDF needs a password that was not given, or the given one is wrong."""

    exit_code = 6


class ConfigInvalid(NordocrError):
    """A configuration or recipe contains an unknown key or a value out of range."""

    exit_code = 7


class ModelMissing(NordocrError):
    """The model that was named is neither a bundled model nor a file."""

    exit_code = 8


class ModelInvalid(NordocrError):
    """A model file is damaged, of another kind, or contradicts its LineSpec or charset."""

    exit_code = 9


class EngineUnavailable(NordocrError):
    """An engine, device, language or optional package that was asked for cannot be used on this machine."""

    exit_code = 10


class DataInvalid(NordocrError):
    """Labels, corpora or fonts cannot be used: a malformed row, no usable line, characters outside the charset."""

    exit_code = 11


class ExportRejected(NordocrError):
    """An export does not agree with its checkpoint, so no file was written."""

    exit_code = 12


class TrainingFailed(NordocrError):
    """A training cannot continue: the loss is not finite, or a checkpoint does not belong to the recipe."""

    exit_code = 13


class OutputUnwritable(NordocrError):
    """A result cannot be written to the place that was asked for."""

    exit_code = 14


class EngineMismatch(NordocrError):
    """A TensorRT engine was built for another GPU architecture or TensorRT version than this machine has."""

    exit_code = 15
