"""The sign-in service of the practice tenant: OpenID configuration, pages, tokens."""
