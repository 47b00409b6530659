"""The sandbox by HTTP, for tests and scripts: JSON under /sandbox/. docs/sandbox.md describes each address."""

from sandbox.control import people, switches
from sandbox.control.base import blueprint

__all__ = ["blueprint", "people", "switches"]
