"""The names of roles, as the portal of Microsoft Entra has them in the operator's language."""

from app.ui.wording.say import say

ROLES = (
    "Authentication Policy Administrator",
    "Authentication Administrator",
    "Privileged Authentication Administrator",
    "Global Administrator",
    "Global Reader",
)


def role_words(name: str) -> str:
    """Return what the portal calls the role `name`; anything else stays as it is."""
    return next((say(role) for role in ROLES if role == name), name)
