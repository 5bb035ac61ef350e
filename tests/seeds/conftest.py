"""Fixtures of the seed file tests."""

from tests.seeds.support import desk

__all__ = ["desk"]
