"""Oathdesk: the enrollment station for hardware OATH tokens in Microsoft Entra ID."""

__version__ = "0.1.0"
