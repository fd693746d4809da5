"""The warm engine as papermill finds it by its entry point, loaded when a notebook is run by it and not before.

Papermill loads every entry point when it is imported, so this module must import neither papermill nor anything slow.
"""

from typing import Any


class WarmEngineEntry:
    """Stands for `warm_engine.WarmEngine` until it is used."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **settings: Any) -> Any:
        """Run the notebook; see `papermill.engines.Engine.execute_notebook`."""
        return cls._engine().execute_notebook(nb, kernel_name, **settings)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> Any:
        """See `papermill.engines.Engine.nb_kernel_name`."""
        return cls._engine().nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> Any:
        """See `papermill.engines.Engine.nb_language`."""
        return cls._engine().nb_language(nb, language)

    @staticmethod
    def _engine() -> Any:
        from kratom_evidence.reports.warm_engine import WarmEngine

        return WarmEngine
