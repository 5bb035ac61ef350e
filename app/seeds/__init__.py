"""Seed files of the vendors: read and checked, in memory alone."""

from app.seeds.faults import write_faults
from app.seeds.reading import read

__all__ = ["read", "write_faults"]
