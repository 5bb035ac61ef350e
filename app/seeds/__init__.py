"""Seed files of the vendors: read and checked, in memory alone."""

from app.seeds.faults import write_faults
from app.seeds.files import SeedFiles
from app.seeds.reading import read

__all__ = ["SeedFiles", "read", "write_faults"]
