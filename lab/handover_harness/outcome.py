"""How a run that failed is told."""

import traceback

from handover_lab.errors import LabError


def reason(error: Exception) -> str:
    """Why it failed, in a line; what nobody expected is printed with its traceback, too."""
    if not isinstance(error, LabError):
        traceback.print_exception(error)
    return str(error)
