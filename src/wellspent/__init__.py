"""wellspent: every AI dollar allowed before it is spent, recorded exactly, tied to what it bought."""

__version__ = "0.1.0"
