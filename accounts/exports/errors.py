"""Refusals of exports."""

from kit.errors import Gone


class ExportExpired(Gone):
    """The file was kept as long as the plan keeps files; the same export can be started again."""

    title = "The file of this export is no longer kept"
