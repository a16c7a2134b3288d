"""One exception class for each failure that a user can meet, each with its own exit code.

Every message is one sentence that names the file or key and says what is wrong with it. The command line prints
that sentence and leaves with ``exit_code``; a traceback is shown only for defects of nordocr itself.
The idea of one class and one code a failure follows OCRmyPDF's ``ExitCode``.
"""

from __future__ import annotations

from typing import ClassVar


class NordocrError(Exception):
    """Base of every failure that a user can cause or mend. ``exit_code`` is the process's exit status."""

    exit_code: ClassVar[int] = 1


class UsageError(NordocrError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class InputMissing(NordocrError):
    """A file or folder that was named is not there."""

    exit_code = 3


class InputUnreadable(NordocrError):
    """A file is there but is not an image, a PDF or a table that can be read: damaged, truncated, unknown."""

    exit_code = 4


class InputTooLarge(NordocrError):
    """A file, page or document goes over a stated limit on bytes, pixels or pages."""

    exit_code = 5


class InputEncrypted(NordocrError):
    """A PDF wants a password that was not given, or the one given is wrong."""

    exit_code = 6


class ConfigInvalid(NordocrError):
    """A configuration or recipe holds an unknown key or a value out of range."""

    exit_code = 7


class ModelMissing(NordocrError):
    """The model that was named is neither bundled nor a file."""

    exit_code = 8


class ModelInvalid(NordocrError):
    """A model file is damaged, of another kind, or disagrees with its LineSpec or charset."""

    exit_code = 9


class EngineUnavailable(NordocrError):
    """An engine, device, language or optional package that was asked for is not usable on this machine."""

    exit_code = 10


class DataInvalid(NordocrError):
    """Labels, corpora or fonts cannot be used: a malformed row, no usable line, characters outside the charset."""

    exit_code = 11


class ExportRejected(NordocrError):
    """An export did not agree with its checkpoint, so no file was written."""

    exit_code = 12


class TrainingFailed(NordocrError):
    """A training cannot go on: the loss is not finite, or a checkpoint does not belong to the recipe."""

    exit_code = 13


class OutputUnwritable(NordocrError):
    """A result could not be written where it was asked for."""

    exit_code = 14


class EngineMismatch(NordocrError):
    """A built engine is for another GPU architecture or TensorRT version than this machine has."""

    exit_code = 15
