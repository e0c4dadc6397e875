"""The package's version, which the build and files that are written read here."""

__version__ = "0.2.0"
