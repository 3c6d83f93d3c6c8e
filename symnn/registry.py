"""What is declared, by name and alias."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar


class DeclarationError(ValueError):
    """A declaration is not usable; says what and where."""


class Named(Protocol):
    """Something with a name and other names for it."""

    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


Declared = TypeVar("Declared", bound=Named)


class Registry(Generic[Declared]):
    """Declarations by name and alias, whatever the case, underscores, hyphens and spaces of the name.

    >>> from symnn.declare import registry
    >>> registry.find("Mean Squared Error").name
    'mean_squared_error'
    """

    def __init__(self) -> None:
        self._declared: dict[str, Declared] = {}
        self._names: dict[str, Declared] = {}
        self._loaded = False

    def add(self, *declared: Declared) -> None:
        """Add declarations, all or none. Raises DeclarationError when one of the names is taken by another."""
        names: dict[str, Declared] = {}
        for each in declared:
            for name in {_plain(spelling) for spelling in (each.name, *each.aliases)}:
                taken = self._names.get(name) or names.get(name)
                if taken is not None:
                    raise DeclarationError(f"{each.name}: {name} is already declared, as {taken.name}")
                names[name] = each
        self._declared.update({each.name: each for each in declared})
        self._names.update(names)

    def remove(self, name: str) -> None:
        """Take a declaration out again (for tests that make one)."""
        declared = self._declared.pop(name)
        for key in [k for k, v in self._names.items() if v is declared]:
            del self._names[key]

    def find(self, name: str) -> Declared | None:
        """The declaration of this name or alias, or None."""
        self._load()
        return self._names.get(_plain(name))

    def all(self) -> list[Declared]:
        """Everything declared, in the order of declaration."""
        self._load()
        return list(self._declared.values())

    def _load(self) -> None:
        """Import every module of declarations, once."""
        if self._loaded:
            return
        import importlib
        import pkgutil

        import symnn.operators as package

        self._loaded = True  # before the imports: declarations may look up others
        try:
            for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
                importlib.import_module(f"symnn.operators.{module.name}")
        except BaseException:
            self._loaded = False
            raise


def _plain(name: str) -> str:
    return name.lower().translate({ord(c): None for c in "_- "})
